"""`understudy origin`: the way to the server itself, while DNS leads to the page."""

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from tests.operations.servers import Answer, Proxy, Serve
from tests.real_tools import real_tool
from understudy_failover import cli as entry

PAGE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nX-Maintenance: 1\r\n\r\n"

Run = Callable[..., int]


@pytest.fixture
def run(root: Path) -> Run:
    """The command on the shipped sample."""
    return lambda *words: entry.main(["--settings", str(root / "tests/sample/failover.toml"), "origin", *words])


def test_a_host_of_a_server_with_ipv6_is_reported_both_ways(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("WWW.example.com.") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("web serves www.example.com at 203.0.113.10 and 2001:db8::10, whatever DNS answers.\n")
    assert "  curl --resolve www.example.com:443:203.0.113.10 https://www.example.com/\n" in printed
    assert "  curl --resolve 'www.example.com:443:[2001:db8::10]' https://www.example.com/\n" in printed
    assert "  203.0.113.10  www.example.com\n  2001:db8::10  www.example.com\n" in printed


def test_an_exact_name_goes_before_a_wildcard_and_any_name_below_one_is_found(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    for host in ("api.example.org", "any.example.org"):
        assert run(host, "--hosts") == 0
        assert capsys.readouterr().out == f"203.0.113.20  {host}\n"


@pytest.mark.parametrize(
    "host",
    ["example.net", "a.b.example.org", "example.org", ".example.org", f"{'a' * 64}.example.org", "a b.example.org"],
)
def test_a_host_that_is_none_is_refused_with_those_there_are(
    run: Run, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    assert run(host) == 2
    printed = capsys.readouterr().err
    assert f"failover.toml has no host {host}; it has example.com" in printed
    assert printed.endswith("example.com, www.example.com, shop.example.com, api.example.org, *.example.org\n")


def test_the_json_says_the_same(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("api.example.org", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "host": "api.example.org",
        "server": "api",
        "addresses": ["203.0.113.20"],
        "hosts": ["203.0.113.20  api.example.org"],
        "curl": ["curl --resolve api.example.org:443:203.0.113.20 https://api.example.org/"],
    }


@pytest.mark.parametrize(("raw", "code", "probed"), [(Answer().raw, 0, "✔ 203.0.113.20: server (200)"), (PAGE, 1, "✘")])
def test_try_asks_at_the_address_and_says_who_answers(
    *,
    run: Run,
    serve: Serve,
    authority: trustme.CA,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    raw: bytes,
    code: int,
    probed: str,
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    proxy = Proxy(serve("api.example.org", answer=Answer(raw)).address)
    try:
        address = f"{proxy.address[0]}:{proxy.address[1]}"
        assert run("api.example.org", "--try", "--proxy", address, "--ca", str(tmp_path / "ca.pem")) == code
    finally:
        proxy.close()
    assert proxy.requests[0].startswith(b"CONNECT 203.0.113.20:443 ")
    assert probed in capsys.readouterr().err


@pytest.mark.usefixtures("processes")
def test_curl_takes_the_command_as_it_is_shown(
    run: Run, serve: Serve, authority: trustme.CA, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    run("www.example.com", "--json")
    server = serve("www.example.com")
    port = server.address[1]
    for command in json.loads(capsys.readouterr().out)["curl"]:
        # The same words; only where they lead is the test's own server.
        words = shlex.split(command.replace(":443:", f":{port}:").replace(".com/", f".com:{port}/"))
        words[0] = real_tool("curl")
        words[2] = words[2].replace("203.0.113.10", "127.0.0.1").replace("[2001:db8::10]", "127.0.0.1")
        done = subprocess.run(
            [*words, "--silent", "--cacert", str(tmp_path / "ca.pem"), "--noproxy", "*"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "ok"), done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--proxy", "nowhere"], "'nowhere' is no HOST:PORT; write it like 127.0.0.1:5353"),
        (["--name-server", "127.0.0.1:0"], "'127.0.0.1:0' is no HOST:PORT"),
        (["--ca", "/nowhere.pem"], "/nowhere.pem: No such file or directory; name a file with certificates in PEM"),
    ],
)
def test_options_of_where_to_probe_from_are_checked(
    run: Run, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit):
        run("www.example.com", *words)
    assert said in capsys.readouterr().err
