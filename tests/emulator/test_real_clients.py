"""The embedded AWS as the real dig and curl see it, with the very command lines that it prints.

Without the tools these tests are skipped; with UNDERSTUDY_REQUIRE_TOOLS=1, as in CI, they fail instead.
"""

import http.server
import json
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest

from tests.emulator.support import LIMIT_SECONDS, Authority, distribution_config
from tests.emulator.test_main import Running, running
from understudy_failover.emulator import Control
from understudy_failover.emulator.aws_client import Credentials, client
from understudy_failover.emulator.network import EDGE_IPV4

PAGE = b"<p>maintenance</p>"
TEXTS = [f'"{number} {"x" * 200}"' for number in range(10)]
"""More than a UDP answer may have."""


def require(tool: str) -> None:
    """Skip the test, or fails it where tools are required, if there is no such tool."""
    if shutil.which(tool) is None:
        reason = f"{tool} is not installed"
        if os.environ.get("UNDERSTUDY_REQUIRE_TOOLS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


class World:
    """The embedded AWS with a hosted zone and a distribution, and a folder with CA.pem to work in."""

    def __init__(self, program: Running, authority: Authority, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.parts = authority.issue("example.com", "*.example.com")
        (folder / "CA.pem").write_bytes(authority.root.cert_pem.bytes())
        endpoint_url = program.exports["AWS_ENDPOINT_URL"]
        credentials = Credentials(program.exports["AWS_ACCESS_KEY_ID"], program.exports["AWS_SECRET_ACCESS_KEY"])
        self.control = Control(endpoint_url, credentials.access_key)
        self.control.create_hosted_zone(id="Z0CLIENTS", name="example.com")
        uploaded = client("iam", endpoint_url, credentials).upload_server_certificate(
            ServerCertificateName="clients",
            Path="/cloudfront/test/",
            CertificateBody=self.parts.body_pem,
            CertificateChain=self.parts.chain_pem,
            PrivateKey=self.parts.private_key_pem,
        )
        s3 = client("s3", endpoint_url, credentials)
        s3.create_bucket(Bucket="clients")
        s3.put_object(Bucket="clients", Key="index.html", Body=PAGE, ContentType="text/html")
        resource = "arn:aws:s3:::clients/*"
        allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        s3.put_bucket_policy(Bucket="clients", Policy=policy)
        config = distribution_config(
            "www.example.com",
            bucket="clients",
            certificate_id=uploaded["ServerCertificateMetadata"]["ServerCertificateId"],
            DefaultRootObject="index.html",
        )
        created = client("cloudfront", endpoint_url, credentials).create_distribution(DistributionConfig=config)
        target = {
            "DNSName": created["Distribution"]["DomainName"],
            "HostedZoneId": "Z2FDTNDATAQYW2",
            "EvaluateTargetHealth": False,
        }
        plain: dict[str, Any] = {"Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "203.0.113.10"}]}
        records: list[dict[str, Any]] = [
            {"Name": "www.example.com.", "Type": "A", "AliasTarget": target},
            {"Name": "plain.example.com.", **plain},
            {"Name": "other.example.com.", **plain, "ResourceRecords": [{"Value": "203.0.113.20"}]},
            {
                "Name": "alias.example.com.",
                "Type": "CNAME",
                "TTL": 300,
                "ResourceRecords": [{"Value": "plain.example.com"}],
            },
            {
                "Name": "big.example.com.",
                "Type": "TXT",
                "TTL": 60,
                "ResourceRecords": [{"Value": value} for value in TEXTS],
            },
        ]
        changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
        client("route53", endpoint_url, credentials).change_resource_record_sets(
            HostedZoneId="Z0CLIENTS", ChangeBatch={"Changes": changes}
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
        )

    def dig(self, *arguments: str) -> str:
        """Return the output of the printed dig command with its question replaced; a warning in it is an error."""
        require("dig")
        command = shlex.split(self.program.line("dig"))
        assert command.pop() == "www.example.com"
        result = self.run(*command, "+norec", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        for complaint in ("warning", "malformed", "mismatch", "extra bytes", "error"):
            assert complaint not in (result.stdout + result.stderr).lower().replace("noerror", "")
        return result.stdout

    def curl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Return the printed curl command with its URL replaced."""
        require("curl")
        command = shlex.split(self.program.line("curl"))
        assert command.pop() == "https://www.example.com/"
        return self.run(*command, "--silent", "--show-error", *arguments)


@pytest.fixture(scope="module")
def world(
    root: Path, authority: Authority, tmp_path_factory: pytest.TempPathFactory, processes: None
) -> Iterator[World]:
    with running(root, "--rate", "50") as program:
        yield World(program, authority, tmp_path_factory.mktemp("clients"))


def test_a_missing_tool_skips_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNDERSTUDY_REQUIRE_TOOLS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not installed"):
        require("no-such-tool")


def test_a_missing_tool_fails_a_test_where_tools_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not installed"):
        require("no-such-tool")


# --- dig


def test_the_printed_dig_command_answers(world: World) -> None:
    require("dig")
    result = world.run(*shlex.split(world.program.line("dig")), "+short")
    assert sorted(result.stdout.split()) == sorted(EDGE_IPV4)


@pytest.mark.parametrize("over", ["+notcp", "+tcp", "+noedns", "+edns=0", "+bufsize=4096"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("www.example.com", "A"),
        ("plain.example.com", "A"),
        ("example.com", "SOA"),
        ("example.com", "NS"),
        ("alias.example.com", "A"),
        ("big.example.com", "TXT"),
    ],
)
def test_dig_and_dnspython_read_the_same_records(world: World, name: str, kind: str, over: str) -> None:
    shown = world.dig(name, kind, over, "+noall", "+answer")
    by_dig = sorted(" ".join(line.split()) for line in shown.splitlines())
    _, host, _, port, _ = world.program.line("dig").split()
    query = dns.message.make_query(f"{name}.", kind)
    reply = dns.query.tcp(query, host.removeprefix("@"), LIMIT_SECONDS, int(port))
    assert by_dig == sorted(line for rrset in reply.answer for line in rrset.to_text().splitlines())
    assert by_dig


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("www.example.com", "AAAA", "NOERROR"),
        ("nowhere.example.com", "A", "NXDOMAIN"),
        ("www.example.org", "A", "REFUSED"),
    ],
)
def test_dig_understands_an_answer_without_records(world: World, name: str, kind: str, status: str) -> None:
    shown = world.dig(name, kind)
    assert f"status: {status}," in shown
    assert "ANSWER: 0," in shown
    assert ("AUTHORITY: 1," in shown) is (status != "REFUSED")


def test_dig_sees_that_an_answer_was_cut_off_and_to_which_question(world: World) -> None:
    shown = world.dig("big.example.com", "TXT", "+notcp", "+noedns", "+ignore")
    assert "flags: qr aa tc;" in shown
    assert "QUERY: 1, ANSWER: 0" in shown


def test_dig_understands_the_answer_to_any(world: World) -> None:
    assert '"RFC8482" ""' in world.dig("www.example.com", "ANY", "+noall", "+answer")


# --- curl


def test_the_printed_curl_command_gets_the_page_and_trusts_the_certificate(world: World) -> None:
    require("curl")
    result = world.run(*shlex.split(world.program.line("curl")), "--silent", "--show-error")
    assert (result.returncode, result.stdout.encode()) == (0, PAGE), result.stderr


def test_curl_refuses_the_certificate_without_the_authority(world: World, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(Authority().root.cert_pem.bytes())
    result = world.curl("--cacert", str(tmp_path / "other.pem"), "https://www.example.com/")
    assert result.returncode == 60, "CURLE_PEER_FAILED_VERIFICATION"


@pytest.mark.parametrize(
    ("options", "version"), [([], "2"), (["--http1.1"], "1.1"), (["--tls-max", "1.2"], "2")], ids=str
)
def test_curl_speaks_http_2_and_1_1(world: World, options: list[str], version: str) -> None:
    result = world.curl(
        *options, "--output", os.devnull, "--write-out", "%{http_version} %{http_code}", "https://www.example.com/"
    )
    assert result.stdout == f"{version} 200"


def test_curl_gets_the_page_over_plain_http(world: World) -> None:
    result = world.curl("http://www.example.com/")
    assert (result.returncode, result.stdout.encode()) == (0, PAGE)


def test_curl_gets_no_body_for_head(world: World) -> None:
    result = world.curl("--head", "https://www.example.com/")
    assert result.returncode == 0
    assert "\nHTTP/2 200" in result.stdout
    assert f"content-length: {len(PAGE)}" in result.stdout.lower()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://nowhere.example.com/", "does not resolve in the embedded AWS"),
        ("http://plain.example.com:81/", "nothing answers at plain.example.com (203.0.113.10) port 81"),
    ],
)
def test_curl_shows_why_a_host_cannot_be_reached(world: World, url: str, text: str) -> None:
    assert text in world.curl(url).stdout


def test_curl_says_that_a_tunnel_was_refused(world: World) -> None:
    result = world.curl("https://nowhere.example.com/")
    assert result.returncode == 56
    assert "502" in result.stderr


class _NamesItself(http.server.BaseHTTPRequestHandler):
    """A server with persistent connections that answers with the request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"{self.headers['Host']} {self.path} at {self.connection.getsockname()[1]}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (its name there)
        """Log nothing."""


def test_curl_gets_each_host_from_its_own_server_in_one_run(world: World) -> None:
    """curl keeps its connection to a proxy for the next host's plain request, if the proxy lets it."""
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), _NamesItself) for _ in range(2)]
    threads = [threading.Thread(target=server.serve_forever, args=[0.01]) for server in servers]
    for thread in threads:
        thread.start()
    try:
        ports = [server.server_address[1] for server in servers]
        for address, port in zip(("203.0.113.10", "203.0.113.20"), ports, strict=True):
            world.control.route(address=address, port=80, to=("127.0.0.1", port))
        result = world.curl(
            "http://plain.example.com/a", "http://plain.example.com/b", "http://other.example.com/c?d=e"
        )
    finally:
        for address in ("203.0.113.10", "203.0.113.20"):
            world.control.unroute(address=address, port=80)
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()
    assert result.stdout.splitlines() == [
        f"plain.example.com /a at {ports[0]}",
        f"plain.example.com /b at {ports[0]}",
        f"other.example.com /c?d=e at {ports[1]}",
    ]
