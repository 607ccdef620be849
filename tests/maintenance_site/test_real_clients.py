"""Clients that nobody wrote for this page understand it."""

import subprocess
from datetime import UTC, datetime, timedelta

import grpc
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.maintenance_site.deployment import Deployment
from tests.real_tools import real_tool
from understudy_failover.page import Window


def test_curl_shows_a_person_the_text_and_fails_on_request(deployed: Deployment) -> None:
    host, port = deployed.bed.aws.gateway
    command = [real_tool("curl"), "--silent", "--show-error", "--proxy", f"http://{host}:{port}"]
    command += ["--cacert", str(deployed.bed.certificate_authority), "https://www.example.com/"]
    assert subprocess.check_output(command, text=True).startswith("Temporarily unavailable\n\n")
    failing = subprocess.run([*command, "--fail"], capture_output=True, text=True, check=False)
    assert failing.returncode == 22
    assert "503" in failing.stderr


def test_requests_waits_as_long_as_retry_after_says_and_that_is_ten_minutes_at_most(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    host, port = deployed.bed.aws.gateway
    with requests.Session() as session, deployed.window("web", Window(datetime.now(UTC) + timedelta(hours=2))):
        session.trust_env = False
        session.proxies = {"https": f"http://{host}:{port}"}
        session.verify = str(deployed.bed.certificate_authority)
        retry = Retry(total=2, status_forcelist=[503], raise_on_status=False)
        session.mount("https://", HTTPAdapter(max_retries=retry))
        response = session.get("https://www.example.com/api", headers={"Accept": "application/json"})
    assert response.status_code == 503
    assert response.json()["status"] == 503
    assert waited == [600, 600]


def test_a_grpc_client_is_informed_that_the_service_is_unavailable(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code that gRPC tries again after; here for want of HTTP/2, which browsers could not be made to leave.

    docs/decisions/0005-maintenance-response.md
    """
    host, port = deployed.bed.aws.gateway
    monkeypatch.setenv("grpc_proxy", f"http://{host}:{port}")
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    trusted = grpc.ssl_channel_credentials(deployed.bed.certificate_authority.read_bytes())
    with grpc.secure_channel("www.example.com:443", trusted) as channel:
        call = channel.unary_unary("/package.Service/Method")
        with pytest.raises(grpc.RpcError) as raised:
            call(b"", timeout=20)
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "ALPN" in str(raised.value.details()), "it never met the edge"
