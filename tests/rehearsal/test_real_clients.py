"""dig and curl get the same results from the deployed chain as the drill."""

import subprocess

import pytest

from tests.real_tools import real_tool
from understudy_failover.operations.observation import ServedBy, client_name, observe
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode


@pytest.fixture(scope="module", params=[ServedBy.SERVER, ServedBy.PAGE], ids=lambda param: param.name)
def served_by(request: pytest.FixtureRequest, bed: RehearsalBed) -> ServedBy:
    """Every host on its server; then, with all servers stopped, every host on the page."""
    wanted: ServedBy = request.param
    for server in bed.settings.servers:
        bed.servers[server.name].play(Mode.WELL if wanted is ServedBy.SERVER else Mode.REFUSES)
    give_up_at = bed.clock.now() + 600
    while any(
        observe(host, bed.name_server(), bed.client()).probe.served_by is not wanted
        for server in bed.settings.servers
        for host in server.hosts
    ):
        assert bed.clock.now() < give_up_at
        bed.clock.sleep(1)
    return wanted


@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_dig_agrees(bed: RehearsalBed, served_by: ServedBy, kind: str) -> None:
    address, port = bed.aws.nameserver
    for server in bed.settings.servers:
        for host in server.hosts:
            command = [real_tool("dig"), f"@{address}", "-p", str(port), "+short", client_name(host), kind]
            answered = subprocess.check_output(command, text=True).split()
            observation = observe(host, bed.name_server(), bed.client())
            assert sorted(answered) == sorted(observation.answers.ipv4 if kind == "A" else observation.answers.ipv6)
            assert bool(answered) is (kind == "A" or server.ipv6 is not None)


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_curl_agrees_and_trusts_the_certificate(
    bed: RehearsalBed, served_by: ServedBy, method: str, version: str
) -> None:
    host, port = bed.aws.gateway
    for server in bed.settings.servers:
        for name in map(client_name, server.hosts):
            command = [real_tool("curl"), "--silent", "--show-error", version, "--request", method, "--max-time", "20"]
            proxy = ["--proxy", f"http://{host}:{port}", "--cacert", str(bed.certificate_authority)]
            options = ["--output", "/dev/null", "--write-out", "%{http_code} %header{retry-after}"]
            printed = subprocess.check_output([*command, *proxy, *options, f"https://{name}/a/path?b=c"], text=True)
            assert printed.strip() == ("200" if served_by is ServedBy.SERVER else "503 120"), name
