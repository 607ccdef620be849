"""`understudy preview` as a person uses it: an index, the pages, planned work, and nothing left after Ctrl-C."""

import http.client
import json
import signal
import time
from pathlib import Path

from tests.rehearsal.running import Run

PATIENCE_SECONDS = 60


def _request(port: int, host: str, method: str = "GET", accept: str = "text/html") -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request(method, "/any/path?q", headers={"Host": f"{host}:{port}", "Accept": accept})
    answer = connection.getresponse()
    result = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    connection.close()
    return result


def test_it_serves_every_host_as_planned_work_until_it_is_interrupted(
    root: Path, fast_settings: Path, tmp_path: Path
) -> None:
    run = Run(root, tmp_path, fast_settings, "--planned", "90", command="preview")
    try:
        printed = run.read_until("until Ctrl-C")
        port = int(printed.split("localhost:")[1].split("/")[0])
        status, _, index = _request(port, "localhost")
        assert status == 200
        assert f'<a href="http://shop.example.com.localhost:{port}/">shop.example.com</a>' in index

        deadline = time.monotonic() + PATIENCE_SECONDS
        while '<p class="until">' not in (page := _request(port, "shop.example.com.localhost"))[2]:
            assert time.monotonic() < deadline, page
            time.sleep(0.2)
        status, headers, _ = page
        assert status == 503
        assert headers["x-maintenance"] == "1"
        assert 4800 < int(headers["retry-after"]) <= 5400
        status, _, body = _request(port, "api.example.org.localhost", accept="application/json")
        assert (status, json.loads(body)["status"]) == (503, 503)
        status, headers, body = _request(port, "api.example.org.localhost", "HEAD")
        assert (status, body) == (503, "")
        assert _request(port, "api.example.org.localhost", "POST")[0] == 503
    finally:
        run.process.send_signal(signal.SIGINT)
        ended = run.end()
    assert run.process.returncode == 130, ended
    assert run.processes() == []
    assert list(tmp_path.iterdir()) == []
