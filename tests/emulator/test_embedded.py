"""The process of an embedded AWS: it is isolated, and leaves nothing behind."""

import asyncio
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from tests.emulator.support import RATE, Authority, careless, distribution_config, wait_until
from understudy_failover.emulator import EmbeddedAws, EmbeddedAwsError
from understudy_failover.emulator.embedded import NOWHERE
from understudy_failover.emulator.network import EDGE_IPV4

pytestmark = pytest.mark.usefixtures("processes")

FUNCTION = """
import os, subprocess
def handler(event, context):
    return [os.getpid(), subprocess.Popen(["sleep", "60"]).pid]
"""
"""Leaves a process behind that does not end with its parent."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files of the started processes only."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def is_running(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    process = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(process.stdout.strip()) and not process.stdout.strip().startswith("Z")


def running(pids: list[int]) -> list[int]:
    return [pid for pid in pids if is_running(pid)]


def start_workers(lambda_: Any) -> list[int]:
    """Run a Lambda function; return the ids of its process and of the one that it leaves behind."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("index.py", FUNCTION)
    lambda_.create_function(
        FunctionName="worker",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/worker",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    pids: list[int] = json.loads(lambda_.invoke(FunctionName="worker")["Payload"].read())
    return pids


def child_of(aws: EmbeddedAws) -> int:
    assert aws._process is not None
    return aws._process.pid


# --- two at once


def test_two_at_once_share_nothing(aws: EmbeddedAws) -> None:
    aws.control.create_hosted_zone(id="Z0TWICE", name="twice.test")
    aws.client("s3").create_bucket(Bucket="twice")
    with EmbeddedAws() as other:
        assert other.client("s3").list_buckets()["Buckets"] == []
        other.control.create_hosted_zone(id="Z0TWICE", name="twice.test")
        assert {aws.endpoint_url, aws.nameserver[1], aws.gateway[1]}.isdisjoint(
            {other.endpoint_url, other.nameserver[1], other.gateway[1]}
        )
        assert aws._folder != other._folder


def test_one_goes_on_when_the_other_ends(aws: EmbeddedAws) -> None:
    with EmbeddedAws():
        pass
    assert is_running(child_of(aws))
    aws.control.flush_resolver()


# --- the end


def test_nothing_is_left_after_the_block(temporary: Path) -> None:
    with EmbeddedAws() as aws:
        processes = [child_of(aws), *start_workers(aws.client("lambda"))]
        assert running(processes) == processes
        assert len(list(temporary.iterdir())) == 1, "all its files lie in one folder"
    wait_until(lambda: running(processes) == [])
    assert list(temporary.iterdir()) == []


def test_no_file_is_written_outside_its_folder(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MiniStack keeps a key in STATE_DIR, by default one of /tmp that outlives it."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("STATE_DIR", str(elsewhere))
    with EmbeddedAws():
        pass
    assert not elsewhere.exists()
    assert list(temporary.iterdir()) == []


def test_nothing_is_left_after_an_error_in_the_block(temporary: Path) -> None:
    pid = 0

    def fail() -> None:
        nonlocal pid
        with EmbeddedAws() as aws:
            pid = child_of(aws)
            raise RuntimeError("of the test")

    with pytest.raises(RuntimeError, match="of the test"):
        fail()
    assert not is_running(pid)
    assert list(temporary.iterdir()) == []


def test_closing_twice_is_once_too_many_and_no_error() -> None:
    aws = EmbeddedAws()
    aws.close()
    with aws:
        pid = child_of(aws)
        aws.close()
        assert not is_running(pid)
    aws.close()


def test_nothing_is_left_when_the_parent_is_killed(temporary: Path, root: Path) -> None:
    script = """
import json, sys
from understudy_failover.emulator import EmbeddedAws
with EmbeddedAws() as aws:
    known = {"pid": aws._process.pid, "endpoint_url": aws.endpoint_url, "key": aws.credentials.access_key}
    print(json.dumps(known), flush=True)
    sys.stdin.read()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    with parent.stdin, parent.stdout:
        announced = json.loads(parent.stdout.readline())
        lambda_ = boto3.client(
            "lambda",
            endpoint_url=announced["endpoint_url"],
            region_name="us-east-1",
            aws_access_key_id=announced["key"],
            aws_secret_access_key="test",
        )
        processes = [announced["pid"], *start_workers(lambda_)]
        assert running(processes) == processes
        parent.kill()
        assert parent.wait() == -signal.SIGKILL
        wait_until(lambda: running(processes) == [])
        wait_until(lambda: list(temporary.iterdir()) == [])


def test_nothing_is_left_when_the_child_is_killed(temporary: Path) -> None:
    with EmbeddedAws() as aws:
        processes = [child_of(aws), *start_workers(aws.client("lambda"))]
        os.kill(processes[0], signal.SIGKILL)
    wait_until(lambda: running(processes) == [])
    assert list(temporary.iterdir()) == []


def test_a_child_that_is_stopped_takes_its_folder_along(temporary: Path) -> None:
    with EmbeddedAws() as aws:
        os.kill(child_of(aws), signal.SIGTERM)
        wait_until(lambda: list(temporary.iterdir()) == [])


def test_ctrl_c_on_the_terminal_does_not_reach_the_child() -> None:
    """The parent ends it when everything that uses it has come to rest."""
    with EmbeddedAws() as aws:
        child = child_of(aws)
        assert os.getsid(child) != os.getsid(0)
        os.kill(child, signal.SIGINT)
        assert aws.control.health_checks() == []


# --- the beginning


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_failure_to_start_is_reported_with_its_cause_and_leaves_nothing(temporary: Path, rate: float) -> None:
    aws = EmbeddedAws(rate=rate)
    with pytest.raises(EmbeddedAwsError, match="did not start") as caught, aws:
        pass
    assert f"the clock's rate is {float(rate)}" in str(caught.value)
    assert "Traceback" in str(caught.value)
    assert aws._process is None
    wait_until(lambda: list(temporary.iterdir()) == [])


def test_a_child_that_ends_at_once_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = shutil.which("false")
    assert silent is not None
    monkeypatch.setattr(sys, "executable", silent)
    with pytest.raises(EmbeddedAwsError, match="it ended without a message"), EmbeddedAws():
        pass


def test_its_log_shows_what_went_wrong_inside(aws: EmbeddedAws) -> None:
    config = distribution_config("log.test", certificate_id="ASCANOBODY")
    aws.client("cloudfront").create_distribution(DistributionConfig=config)

    async def handshake() -> None:
        reader, writer = await asyncio.open_connection(*aws.gateway)
        writer.write(f"CONNECT {EDGE_IPV4[0]}:443 HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await writer.start_tls(careless(), server_hostname="log.test")
        writer.transport.abort()

    asyncio.run(handshake())
    assert "has server certificate ASCANOBODY, which IAM does not have" in aws.log()


def test_its_clock_is_the_one_inside(aws: EmbeddedAws, authority: Authority) -> None:
    iam, parts = aws.client("iam"), authority.issue("clock.test")
    before = aws.clock.now()
    uploaded = iam.upload_server_certificate(
        ServerCertificateName="clock", CertificateBody=parts.body_pem, PrivateKey=parts.private_key_pem
    )
    after = aws.clock.now()
    iam.delete_server_certificate(ServerCertificateName="clock")
    assert aws.clock.rate == RATE
    assert int(before) <= uploaded["ServerCertificateMetadata"]["UploadDate"].timestamp() <= after


def test_its_clock_stands_still_while_the_child_does_not_run() -> None:
    with EmbeddedAws(rate=RATE) as aws:
        assert aws._process
        before = aws.clock.now()
        wait_until(lambda: aws.clock.now() > before)
        os.kill(aws._process.pid, signal.SIGSTOP)
        try:
            time.sleep(0.2)
            stopped_at = aws.clock.now()
            time.sleep(0.2)
            assert aws.clock.now() == stopped_at
        finally:
            os.kill(aws._process.pid, signal.SIGCONT)
        wait_until(lambda: aws.clock.now() > stopped_at)


def test_nobody_waits_for_the_clock_of_a_child_that_has_ended() -> None:
    with EmbeddedAws(rate=RATE) as aws:
        assert aws._process
        aws._process.kill()
        with pytest.raises(EmbeddedAwsError, match="has ended"):
            aws.clock.sleep(3_600)


# --- addresses and environment


def test_every_address_is_on_loopback(aws: EmbeddedAws) -> None:
    assert {urlsplit(aws.endpoint_url).hostname, aws.nameserver[0], aws.gateway[0]} == {"127.0.0.1"}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux shows what a process listens on")
def test_the_child_listens_on_loopback_alone(aws: EmbeddedAws) -> None:
    process = Path(f"/proc/{child_of(aws)}")
    targets = [descriptor.readlink() for descriptor in (process / "fd").iterdir()]
    inodes = {match[1] for target in targets if (match := re.fullmatch(r"socket:\[(\d+)\]", str(target)))}
    listening: list[str] = []
    for table, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in (process / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and fields[3] == state:
                listening.append(fields[1].partition(":")[0])
    assert len(listening) >= 6, "the APIs, DNS over UDP and TCP, the gateway, the edge twice"
    assert set(listening) == {"0100007F"}


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of somebody who is logged in to an account, behind a proxy."""
    variables = {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real-secret",
        "AWS_SESSION_TOKEN": "real-token",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
        "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/real",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/real",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/real",
        "AWS_REGION": "eu-central-1",
        "CDK_DEFAULT_ACCOUNT": "111111111111",
        "CDK_DEFAULT_REGION": "eu-central-1",
        "HTTPS_PROXY": "http://proxy.example.com:3128",
        "ALL_PROXY": "socks5://proxy.example.com",
        "all_proxy": "socks5://proxy.example.com",
        "no_proxy": "example.com",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def test_its_environment_carries_nothing_of_another_account_or_proxy(aws: EmbeddedAws, foreign: dict[str, str]) -> None:
    environment = aws.environment()
    assert {name for name, value in environment.items() if foreign.get(name) == value} == set()
    assert {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "CDK_DEFAULT_ACCOUNT"}.isdisjoint(environment)
    assert not [value for value in environment.values() if "real" in value.split("/")[-1] or "111111111111" in value]


def test_its_environment_leads_nowhere_but_to_loopback(aws: EmbeddedAws, foreign: dict[str, str]) -> None:
    environment = aws.environment()
    urls = {name: value for name, value in environment.items() if name.startswith("AWS_") and "://" in value}
    assert urls == {"AWS_ENDPOINT_URL": aws.endpoint_url}
    proxies = {name: value for name, value in environment.items() if name.lower().endswith("_proxy")}
    assert {value for name, value in proxies.items() if name.lower() != "no_proxy"} == {NOWHERE}
    assert {value for name, value in proxies.items() if name.lower() == "no_proxy"} == {"127.0.0.1,localhost"}
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"


def test_its_environment_keeps_everything_else(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("AWSOME", "not AWS's")
    environment = aws.environment()
    assert environment["LANG"] == "de_DE.UTF-8"
    assert environment["AWSOME"] == "not AWS's"


def test_its_environment_calls_nobody_and_keeps_caches_out_of_the_home_folder(aws: EmbeddedAws) -> None:
    environment = aws.environment()
    assert environment["CDK_DISABLE_CLI_TELEMETRY"] == "true"
    assert environment["HOME"] == environment["TMPDIR"] != os.environ["HOME"]


def test_a_tool_in_its_environment_talks_to_it_and_is_nobody_else(aws: EmbeddedAws, foreign: dict[str, str]) -> None:
    script = (
        "import boto3; session = boto3.Session();"
        "print(session.profile_name, session.region_name, session.get_credentials().access_key,"
        "boto3.client('sts').get_caller_identity()['Account'], boto3.client('s3').meta.endpoint_url)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], env=aws.environment(), capture_output=True, text=True, check=True
    )
    assert process.stdout.split() == [
        "default",
        "us-east-1",
        aws.credentials.access_key,
        "000000000000",
        aws.endpoint_url,
    ]


def test_a_tool_in_its_environment_puts_temporary_files_into_its_folder(aws: EmbeddedAws) -> None:
    script = "import tempfile; print(tempfile.gettempdir())"
    process = subprocess.run(
        [sys.executable, "-c", script], env=aws.environment(), capture_output=True, text=True, check=True
    )
    assert Path(process.stdout.strip()) == aws._folder


def test_a_tool_in_its_environment_finds_node(aws: EmbeddedAws) -> None:
    assert shutil.which("node", path=aws.environment()["PATH"]) is not None


def test_a_client_of_it_does_not_ask_the_environment(aws: EmbeddedAws, foreign: dict[str, str]) -> None:
    del foreign
    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_this_process_keeps_its_own_environment(foreign: dict[str, str]) -> None:
    with EmbeddedAws():
        assert {name: os.environ[name] for name in foreign} == foreign
