"""`understudy maintenance`: plan first, then S3 alone, and words that an operator can act on."""

import io
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from understudy_failover import cli as entry
from understudy_failover.operations import aws
from understudy_failover.settings import SettingsError, load

ACCOUNT = "111122223333"
BUCKET = f"understudy-example-switch-{ACCOUNT}"
WEB = ".understudy/switch/web"
ALL = ".understudy/switch/_all"
SINCE = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)

Objects = dict[str, dict[str, Any]]


class FakeS3:
    """The four calls that are made, on one bucket."""

    def __init__(self) -> None:
        self.objects: Objects = {}
        self.bucket: str | None = BUCKET
        self.denied = False
        self.locked: set[str] = set()
        """Keys of objects that somebody has encrypted with a key of their own."""
        self.calls: list[str] = []

    def _check(self, operation: str, arguments: dict[str, Any]) -> None:
        self.calls.append(operation)
        assert arguments["ExpectedBucketOwner"] == ACCOUNT
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, operation)
        if arguments["Bucket"] != self.bucket:
            code = "404" if operation == "HeadObject" else "NoSuchBucket"
            raise ClientError({"Error": {"Code": code}}, operation)

    def head_object(self, **arguments: Any) -> dict[str, Any]:
        self._check("HeadObject", arguments)
        if arguments["Key"] not in self.objects:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        if arguments["Key"] in self.locked:
            refused: Any = {"Error": {"Code": "400"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(refused, "HeadObject")
        return {"LastModified": SINCE, "Metadata": self.objects[arguments["Key"]]}

    def list_objects_v2(self, **arguments: Any) -> dict[str, Any]:
        self._check("ListObjectsV2", arguments)
        keys = sorted(key for key in self.objects if key.startswith(arguments["Prefix"]))
        # A key to a page, so that not every key is on the first one.
        begin = int(arguments.get("ContinuationToken", "0"))
        page: dict[str, Any] = {"Contents": [{"Key": key, "LastModified": SINCE} for key in keys[begin : begin + 1]]}
        return page | ({"NextContinuationToken": str(begin + 1)} if begin + 1 < len(keys) else {})

    def put_object(self, **arguments: Any) -> None:
        self._check("PutObject", arguments)
        self.objects[arguments["Key"]] = arguments["Metadata"]

    def delete_object(self, **arguments: Any) -> None:
        self._check("DeleteObject", arguments)
        self.objects.pop(arguments["Key"], None)


class FakeCloudFormation:
    """Deployed templates by the stack's name; where there is none, CloudFormation refuses."""

    def __init__(self) -> None:
        self.templates: dict[str, Any] = {}

    def get_template(self, **arguments: Any) -> dict[str, Any]:
        if not self.templates:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetTemplate")
        return {"TemplateBody": self.templates[arguments["StackName"]]}


class FakeSts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": ACCOUNT}


@pytest.fixture
def cloudformation() -> FakeCloudFormation:
    """What is deployed."""
    return FakeCloudFormation()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, cloudformation: FakeCloudFormation) -> FakeS3:
    """An account in which only S3, STS and CloudFormation exist."""
    fake = FakeS3()
    services: dict[str, Any] = {"s3": fake, "sts": FakeSts(), "cloudformation": cloudformation}
    monkeypatch.setattr(
        aws, "boto3", SimpleNamespace(DEFAULT_SESSION="", client=lambda service, **_: services[service])
    )
    return fake


@pytest.fixture
def run(root: Path, s3: FakeS3) -> Callable[..., int]:
    """The command on the shipped sample."""
    return lambda *words: entry.main(["--settings", str(root / "tests/sample/failover.toml"), "maintenance", *words])


Run = Callable[..., int]


def _in(hours: float) -> datetime:
    return (datetime.now(UTC) + timedelta(hours=hours)).replace(microsecond=0)


def test_without_apply_it_shows_the_plan_and_touches_nothing(
    run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("on", "web") == 0
    printed = capsys.readouterr()
    assert s3.objects == {}
    assert not {"PutObject", "DeleteObject"} & set(s3.calls)
    hosts = "example.com, www.example.com, shop.example.com"
    assert f"web: visitors of {hosts} would see the maintenance page within 76 s" in printed.err
    assert "repeat with --apply" in printed.err
    assert printed.out == "switch of all servers  off\nswitch of web          off\nswitch of api          off\n"


def test_on_and_off_put_and_remove_the_servers_object(run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("on", "web", "--apply") == 0
    assert s3.objects == {WEB: {}}
    printed = capsys.readouterr()
    assert "switch of web          on since 2026-11-24T20:00:00Z\n" in printed.out
    assert "within 76 s" in printed.err
    assert run("off", "web", "--apply") == 0
    assert s3.objects == {}
    assert "within 96 s" in capsys.readouterr().err


def test_objects_of_others_delay_no_change(run: Run, s3: FakeS3) -> None:
    assert run("on", "web", "--apply") == 0
    s3.objects |= {f".understudy/switch/{prefix}{number}": {} for prefix in ("a", "web") for number in range(500)}
    s3.calls.clear()
    assert run("off", "web", "--apply") == 0
    assert WEB not in s3.objects
    assert len(s3.calls) < 20


def test_on_says_that_trouble_with_s3_ends_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """No data means "serve the primary": docs/decisions/0007-the-switch-and-how-the-command-finds-it.md."""
    run("on", "web", "--apply")
    assert "while they do not answer, it counts as off" in capsys.readouterr().err
    run("off", "web", "--apply")
    assert "counts as off" not in capsys.readouterr().err


def test_all_has_a_switch_of_its_own(run: Run, s3: FakeS3) -> None:
    run("on", "web", "--apply")
    run("on", "--all", "--apply")
    assert s3.objects.keys() == {WEB, ALL}
    run("off", "--all", "--apply")
    assert s3.objects.keys() == {WEB}


def test_a_server_that_another_switch_keeps_on_the_page_is_not_promised_back(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("on", "web", "--apply")
    run("on", "--all", "--apply")
    capsys.readouterr()
    run("off", "web", "--apply")
    assert "clients stay on the maintenance page" in capsys.readouterr().err


def test_the_end_is_kept_with_the_object_in_utc(run: Run, s3: FakeS3) -> None:
    end = _in(2)
    shown = end.astimezone().isoformat()
    run("on", "web", "--until", shown, "--apply")
    assert s3.objects == {WEB: {"ends-at": end.strftime("%Y-%m-%dT%H:%M:%SZ")}}


def test_another_end_is_a_change_and_the_same_one_is_none(
    run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    end, later = _in(2), _in(3)
    run("on", "web", "--until", end.isoformat(), "--apply")
    s3.calls.clear()
    run("on", "web", "--until", end.isoformat(), "--apply")
    assert "PutObject" not in s3.calls
    assert "web: the switch is on already until" in capsys.readouterr().err
    run("on", "web", "--until", later.isoformat(), "--apply")
    assert s3.objects[WEB]["ends-at"] == later.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2020-01-01T00:00Z", "25:00", "9999-12-31T23:59Z", "9999-12-31T23:59-14:00", "2126-12-01"]
)
def test_an_end_that_is_no_time_or_past_is_refused(run: Run, s3: FakeS3, text: str) -> None:
    assert run("on", "web", "--until", text, "--apply") == 2
    assert s3.calls == []


def test_status_shows_an_end_that_has_passed(run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]) -> None:
    s3.objects[WEB] = {"ends-at": "2020-01-01T00:00:00Z"}
    assert run("status") == 0
    assert "until 2020-01-01T00:00:00Z, which is over: turn it off" in capsys.readouterr().out


ODD_ENDS = ("", "tomorrow", "2026-11-24T22:00", "9999-12-31T23:59-14:00", "\x1b[2J\r\n::error::", "9" * 5_000)
"""What an object can state that nobody put with this command."""


@pytest.mark.parametrize("end", ODD_ENDS)
def test_whatever_a_switch_states_it_is_turned_off(run: Run, s3: FakeS3, end: str) -> None:
    s3.objects = {WEB: {"ends-at": end}, ALL: {"ends-at": end}}
    assert run("off", "web", "--apply") == 0
    assert s3.objects.keys() == {ALL}


@pytest.mark.parametrize("end", ODD_ENDS)
def test_whatever_a_switch_states_another_one_is_turned_on(run: Run, s3: FakeS3, end: str) -> None:
    s3.objects = {ALL: {"ends-at": end}}
    assert run("on", "web", "--apply") == 0
    assert s3.objects.keys() == {ALL, WEB}


@pytest.mark.parametrize("end", [end for end in ODD_ENDS if end != "2026-11-24T22:00"])
def test_an_end_that_cannot_be_read_is_shown_escaped_and_replaced(
    run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str], end: str
) -> None:
    s3.objects = {WEB: {"ends-at": end}}
    assert run("status") == 0
    shown = capsys.readouterr().out
    assert f"on since 2026-11-24T20:00:00Z, without an end that can be read ({end[:40]!a})\n" in shown
    assert run("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["switches"][1]["ends_at"] is None
    assert run("on", "web", "--apply") == 0
    assert s3.objects == {WEB: {}}


@pytest.mark.parametrize("words", [("on", "api"), ("off", "web"), ("on", "web"), ("on", "--all"), ("off", "--all")])
def test_an_object_that_nobody_can_read_keeps_no_switch_from_being_turned(
    run: Run, s3: FakeS3, words: tuple[str, ...]
) -> None:
    """Whoever writes the object chooses its encryption."""
    s3.objects, s3.locked = {ALL: {}, WEB: {}}, {ALL, WEB}
    assert run("status") == 0
    assert run(*words, "--apply") == 0
    key = ALL if words[1] == "--all" else WEB.replace("web", words[1])
    assert (key in s3.objects) is (words[0] == "on")
    assert {"PutObject", "DeleteObject"} & set(s3.calls)


def test_an_object_that_nobody_can_read_is_shown_as_a_switch_that_is_on(
    run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.objects, s3.locked = {WEB: {}}, {WEB}
    assert run("status") == 0
    assert "on since 2026-11-24T20:00:00Z, without an end that can be read ('S3: 400')\n" in capsys.readouterr().out


def test_an_end_without_an_offset_is_utc(run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]) -> None:
    s3.objects = {WEB: {"ends-at": "2036-11-24T22:00"}}
    assert run("status") == 0
    assert "until 2036-11-24T22:00:00Z\n" in capsys.readouterr().out


def test_status_as_json(run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]) -> None:
    s3.objects[ALL] = {"ends-at": "2036-01-01T00:00:00Z"}
    assert run("status", "--json") == 0
    assert json.load(io.StringIO(capsys.readouterr().out)) == {
        "switches": [
            {"server": None, "on": True, "since": "2026-11-24T20:00:00Z", "ends_at": "2036-01-01T00:00:00Z"},
            {"server": "web", "on": False, "since": None, "ends_at": None},
            {"server": "api", "on": False, "since": None, "ends_at": None},
        ]
    }


def test_a_change_as_json_on_standard_output_alone(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("on", "web", "api", "--apply", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["applied"], document["changes"], document["bound_seconds"]) == (True, ["web", "api"], 76)
    assert [switch["on"] for switch in document["switches"]] == [False, True, True]


def test_an_unknown_server_is_named_and_nothing_is_done(
    run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("on", "web", "wbe", "--apply") == 2
    assert capsys.readouterr().err == "failover.toml has no server wbe; it has web, api\n"
    assert s3.calls == []


@pytest.mark.parametrize("words", [["on"], ["on", "web", "--all"], ["off"], []])
def test_whose_switch_must_be_said_once(run: Run, words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*words)
    assert caught.value.code == 2


def test_a_bucket_that_is_not_there_is_not_taken_for_a_switch_that_is_off(
    run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.bucket = None
    assert run("status") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{BUCKET}: there is no such bucket in this account; deploy first" in printed.err


def test_missing_permissions_are_named(run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]) -> None:
    s3.denied = True
    assert run("on", "web", "--apply") == 1
    assert "s3:PutObject" in capsys.readouterr().err


def test_with_the_account_number_s3_alone_is_needed(run: Run, s3: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    def only_s3(service: str, **_: Any) -> FakeS3:
        if service == "cloudformation":
            assert s3.objects == {WEB: {}}, "asked last: nobody waits for it"
            raise EndpointConnectionError(endpoint_url="https://cloudformation")
        assert service == "s3"
        return s3

    monkeypatch.setattr(aws, "boto3", SimpleNamespace(DEFAULT_SESSION="", client=only_s3))
    assert run("on", "web", "--account", ACCOUNT, "--apply") == 0
    assert s3.objects == {WEB: {}}


def test_an_aws_that_cannot_be_reached_is_reported_without_a_traceback(
    run: Run, s3: FakeS3, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(s3, "list_objects_v2", fail)
    assert run("status") == 1
    assert capsys.readouterr().err.startswith("AWS: Could not connect")


def test_wrong_settings_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "failover.toml").write_text('app = "Example"\n', encoding="utf-8")
    assert entry.main(["--settings", str(tmp_path / "failover.toml"), "maintenance", "status"]) == 1
    assert "1 problem" in capsys.readouterr().err


def test_with_a_hold_off_says_that_a_server_must_have_been_healthy_for_it(
    root: Path, tmp_path: Path, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "certificates").symlink_to(root / "tests/sample/certificates")
    text = (root / "tests/sample/failover.toml").read_text(encoding="utf-8")
    assert text.count("# failback_hold_minutes = 0 ") == 1
    with_hold = text.replace("# failback_hold_minutes = 0 ", "failback_hold_minutes = 7 ")
    (tmp_path / "failover.toml").write_text(with_hold, encoding="utf-8")
    s3.objects = {WEB: {}}
    assert entry.main(["--settings", str(tmp_path / "failover.toml"), "maintenance", "off", "web", "--apply"]) == 0
    assert "within 96 s, if the server works and has been healthy for 7 min" in capsys.readouterr().err


@pytest.fixture
def run_with(root: Path, s3: FakeS3, tmp_path: Path) -> Callable[..., int]:
    """The command on the shipped sample with another `[maintenance] switches`."""

    def run(switches: str, *words: str) -> int:
        sample = root / "tests/sample"
        (tmp_path / "certificates").symlink_to(sample / "certificates")
        text = (sample / "failover.toml").read_text(encoding="utf-8")
        file = tmp_path / "failover.toml"
        file.write_text(
            text.replace("[[zones]]", f'[maintenance]\nswitches = "{switches}"\n\n[[zones]]', 1), encoding="utf-8"
        )
        return entry.main(["--settings", str(file), "maintenance", *words])

    return run


def test_one_switch_for_all_servers_is_turned_with_all(
    run_with: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with("one", "on", "--all", "--apply") == 0
    assert s3.objects == {ALL: {}}
    assert capsys.readouterr().out == "switch of all servers  on since 2026-11-24T20:00:00Z\n"


@pytest.mark.parametrize("action", ["on", "off"])
def test_with_one_switch_no_server_is_turned_alone(
    run_with: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    assert run_with("one", action, "web", "--apply") == 2
    assert "one switch for all servers; name none, use --all" in capsys.readouterr().err
    assert s3.calls == []


@pytest.mark.parametrize("words", [["on", "web", "--apply"], ["off", "--all", "--apply"], ["status"], ["windows"]])
def test_without_switches_every_action_says_which_setting_makes_them(
    run_with: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run_with("none", *words) == 1
    assert '[maintenance] switches is "none"' in capsys.readouterr().err
    assert s3.calls == []


def _a_key_in_certificates(folder: Path) -> None:
    (folder / "certificates" / "example" / "key.pem").write_text("a key", encoding="utf-8")


def _no_certificates(folder: Path) -> None:
    shutil.rmtree(folder / "certificates")


def _a_certificate_that_is_none(folder: Path) -> None:
    (folder / "certificates" / "example" / "certificate.pem").write_bytes(b"\xff")


def _a_stray_folder_of_pages(folder: Path) -> None:
    (folder / "pages" / "stray").mkdir(parents=True)


def _a_broken_logo(folder: Path) -> None:
    (folder / "pages" / "default").mkdir(parents=True)
    (folder / "pages" / "default" / "logo.svg").write_bytes(b"\xff")


def _tables_that_are_wrong(folder: Path) -> None:
    with (folder / "failover.toml").open("a", encoding="utf-8") as file:
        file.write('\n[unknown]\nkey = 1\n[[zones]]\nname = 5\n[[servers]]\nname = "B"\n')


@pytest.mark.parametrize(
    "spoil",
    [
        _a_key_in_certificates,
        _no_certificates,
        _a_certificate_that_is_none,
        _a_stray_folder_of_pages,
        _a_broken_logo,
        _tables_that_are_wrong,
    ],
)
def test_maintenance_ends_whatever_is_wrong_in_the_working_folder(
    root: Path, tmp_path: Path, s3: FakeS3, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None]
) -> None:
    shutil.copytree(root / "tests/sample", tmp_path, dirs_exist_ok=True)
    spoil(tmp_path)
    run = ["--settings", str(tmp_path / "failover.toml"), "maintenance"]
    with pytest.raises(SettingsError):
        load(tmp_path / "failover.toml")
    s3.objects = {WEB: {}, ALL: {}}
    assert entry.main([*run, "status"]) == 0
    assert "switch of web          on since" in capsys.readouterr().out
    assert entry.main([*run, "off", "web", "--apply"]) == 0
    assert entry.main([*run, "off", "--all", "--apply"]) == 0
    assert s3.objects == {}
    assert "within 96 s" in capsys.readouterr().err
    assert entry.main([*run, "on", "web", "--apply"]) == 1
    assert s3.objects == {}, "a deploy from this folder would be refused, too"


def test_maintenance_ends_although_nobody_knows_how_soon(
    root: Path, tmp_path: Path, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (root / "tests/sample/failover.toml").read_text(encoding="utf-8")
    (tmp_path / "failover.toml").write_text(text.replace("[timing]", "[timing]\nunknown = 1"), encoding="utf-8")
    s3.objects = {WEB: {}}
    off = ["--settings", str(tmp_path / "failover.toml"), "maintenance", "off", "web", "--apply", "--json"]
    assert entry.main(off) == 0
    assert s3.objects == {}
    printed = capsys.readouterr()
    assert "[timing] is wrong" in printed.err
    assert json.loads(printed.out)["bound_seconds"] is None


def _template(ttl: int, *hosts: str, threshold: int = 3) -> dict[str, Any]:
    """A failover stack with these hosts at web."""
    tags = [{"Key": "Name", "Value": "understudy-example web"}]
    config = {"Type": "HTTPS", "RequestInterval": 10, "FailureThreshold": threshold}
    check = {
        "Type": "AWS::Route53::HealthCheck",
        "Properties": {"HealthCheckConfig": config, "HealthCheckTags": tags},
    }
    record = {
        "Type": "A",
        "Failover": "PRIMARY",
        "TTL": str(ttl),
        "ResourceRecords": ["203.0.113.10"],
        "HealthCheckId": {"Fn::GetAtt": ["Check", "HealthCheckId"]},
    }
    records = {
        f"Record{number}": {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": f"{host}.", **record}}
        for number, host in enumerate(hosts)
    }
    return {"Resources": {"Check": check, **records}}


@pytest.mark.parametrize("words", [("on", "web"), ("on", "web", "--apply"), ("off", "web", "--apply")])
def test_what_is_deployed_otherwise_is_said(
    run: Run,
    s3: FakeS3,
    cloudformation: FakeCloudFormation,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    """Hosts and times of the plan are those of failover.toml."""
    s3.objects = {WEB: {}} if words[0] == "off" else {}
    deployed = _template(300, "example.com", "www.example.com", "old.example.com", threshold=5)
    cloudformation.templates = {"understudy-example-failover": deployed}
    assert run(*words, "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["undeployed"] == [
        "in failover.toml and not deployed, so without failover: shop.example.com (web)",
        "in failover.toml and not deployed, so without failover: api.example.org, *.example.org (api)",
        "deployed and not in failover.toml, so failing over with web: old.example.com",
        "TTL of example.com, www.example.com: deployed 300 s, failover.toml 30 s",
        "failure_threshold of web: deployed 5, failover.toml 3",
    ]
    assert "warning: failover.toml is not what is deployed" in printed.err
    assert "old.example.com" in printed.err


def test_that_nobody_could_compare_is_said(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("on", "web", "--apply") == 0
    assert "They were not compared with what is deployed: " in capsys.readouterr().err


def test_an_announced_end_stays_until_another_one_is_named(
    run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]
) -> None:
    end = _in(2)
    shown_end = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    run("on", "web", "--until", end.isoformat(), "--apply")
    capsys.readouterr()
    s3.calls.clear()
    assert run("on", "web", "--apply") == 0
    assert s3.objects == {WEB: {"ends-at": shown_end}}
    assert "PutObject" not in s3.calls
    assert f"web: the switch is on already until {shown_end}, and the page keeps this end" in capsys.readouterr().err


def test_an_end_that_is_over_goes_and_that_is_said(run: Run, s3: FakeS3, capsys: pytest.CaptureFixture[str]) -> None:
    s3.objects = {WEB: {"ends-at": "2020-01-01T00:00:00Z"}}
    assert run("on", "web", "--apply") == 0
    assert s3.objects == {WEB: {}}
    assert "the announced end is over or cannot be read: the page no longer names it" in capsys.readouterr().err


def test_no_message_speaks_of_a_last_client(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever keeps a connection or an address comes later than the bound: the messages name them."""
    run("on", "web", "--apply")
    run("off", "web", "--apply")
    message = capsys.readouterr().err
    assert "last client" not in message
    assert message.count("Slower: clients that keep a connection open, or an address longer than its TTL") == 2
