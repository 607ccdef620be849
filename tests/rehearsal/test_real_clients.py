"""dig and curl get the same results from the deployed chain as the drill."""

import subprocess

import pytest

from tests.real_tools import real_tool
from understudy_failover.operations.sight import OnStage, client_name, look
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.stage import Stage


@pytest.fixture(scope="module", params=[OnStage.SERVER, OnStage.PAGE], ids=lambda param: param.name)
def on_stage(request: pytest.FixtureRequest, stage: Stage) -> OnStage:
    """Every host on its server; then, with all servers stopped, every host on the page."""
    wanted: OnStage = request.param
    for server in stage.settings.servers:
        stage.servers[server.name].play(Mode.WELL if wanted is OnStage.SERVER else Mode.REFUSES)
    give_up_at = stage.clock.now() + 600
    while any(
        look(host, stage.name_server(), stage.client()).visit.on_stage is not wanted
        for server in stage.settings.servers
        for host in server.hosts
    ):
        assert stage.clock.now() < give_up_at
        stage.clock.sleep(1)
    return wanted


@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_dig_agrees(stage: Stage, on_stage: OnStage, kind: str) -> None:
    address, port = stage.aws.nameserver
    for server in stage.settings.servers:
        for host in server.hosts:
            command = [real_tool("dig"), f"@{address}", "-p", str(port), "+short", client_name(host), kind]
            answered = subprocess.check_output(command, text=True).split()
            sight = look(host, stage.name_server(), stage.client())
            assert sorted(answered) == sorted(sight.answers.ipv4 if kind == "A" else sight.answers.ipv6)
            assert bool(answered) is (kind == "A" or server.ipv6 is not None)


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_curl_agrees_and_trusts_the_certificate(stage: Stage, on_stage: OnStage, method: str, version: str) -> None:
    host, port = stage.aws.gateway
    for server in stage.settings.servers:
        for name in map(client_name, server.hosts):
            command = [real_tool("curl"), "--silent", "--show-error", version, "--request", method, "--max-time", "20"]
            proxy = ["--proxy", f"http://{host}:{port}", "--cacert", str(stage.certificate_authority)]
            options = ["--output", "/dev/null", "--write-out", "%{http_code} %header{retry-after}"]
            printed = subprocess.check_output([*command, *proxy, *options, f"https://{name}/a/path?b=c"], text=True)
            assert printed.strip() == ("200" if on_stage is OnStage.SERVER else "503 120"), name
