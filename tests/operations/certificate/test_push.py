"""A good certificate goes where the plan says, and its key into Secrets Manager alone."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.account import log_in
from tests.operations.certificate.authority import NAMES, Authority, Leaf
from tests.operations.certificate.conftest import push
from tests.server_certificate.model.canary import Canary
from understudy_failover.cli import main
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.operations.certificate import secret
from understudy_failover.operations.certificate.files import SettingsFileError, with_version
from understudy_failover.operations.files import write_together
from understudy_failover.settings import load

SECRET = "understudy/example/private-key"
FILES = ["certificates/example/certificate.pem", "certificates/example/chain.pem", "failover.toml"]


@pytest.fixture
def secrets(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Secrets Manager without the secret, which boto3 finds by itself."""
    log_in(monkeypatch, aws)
    client = aws.client("secretsmanager")
    yield client
    with suppress(client.exceptions.ResourceNotFoundException):
        client.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)


def _current(secrets: Any) -> tuple[str, str]:
    answer = secrets.get_secret_value(SecretId=SECRET)
    return answer["VersionId"], answer["SecretString"]


def _written(owner: Path) -> list[str]:
    return sorted(
        path.relative_to(owner).as_posix() for path in owner.rglob("*") if path.is_file() and "new" not in path.parts
    )


def test_the_plan_says_what_goes_where_and_writes_nothing(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(owner, good.pem, issuer.pem, good.key_pem()) == 0
    printed = capsys.readouterr()
    assert f"secret       {SECRET}: create the secret (" in printed.out
    assert printed.out.count(": write\n") == 3
    assert printed.err == "This is the plan; nothing was written. Add --apply to act.\n"
    assert _written(owner) == ["failover.toml"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        secrets.describe_secret(SecretId=SECRET)


def test_apply_puts_key_and_files_in_their_places(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 0
    settings = load(owner / "failover.toml").certificate
    assert _written(owner) == FILES
    version, key = _current(secrets)
    assert version == settings.private_key_version
    assert key.startswith("-----BEGIN RSA PRIVATE")
    assert settings.public.names == NAMES
    canary = Canary(key, [good.pem.decode()])
    printed = capsys.readouterr()
    outputs = [(owner / name).read_bytes() for name in FILES] + [printed.out.encode(), printed.err.encode()]
    assert [leak for content in outputs for leak in canary.found_in(content)] == []


def test_a_second_time_there_is_nothing_to_do(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    push(owner, good.pem, issuer.pem, good.key_pem(), "--apply")
    stamps = {name: (owner / name).stat().st_mtime_ns for name in FILES}
    capsys.readouterr()
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 0
    assert capsys.readouterr().err == "Nothing to do: key and files are in place.\n"
    assert {name: (owner / name).stat().st_mtime_ns for name in FILES} == stamps
    versions = secrets.describe_secret(SecretId=SECRET)["VersionIdsToStages"]
    assert sum("AWSCURRENT" in stages for stages in versions.values()) == 1


def test_a_renewal_adds_a_version_and_keeps_the_one_before(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    push(owner, good.pem, issuer.pem, good.key_pem(), "--apply")
    old, _ = _current(secrets)
    renewed = issuer.issue(*NAMES)
    capsys.readouterr()
    assert push(owner, renewed.pem, issuer.pem, renewed.key_pem(), "--apply") == 0
    assert f"{SECRET}: add a version (" in capsys.readouterr().out
    new, _ = _current(secrets)
    assert load(owner / "failover.toml").certificate.private_key_version == new != old
    assert secrets.get_secret_value(SecretId=SECRET, VersionStage="AWSPREVIOUS")["VersionId"] == old
    # And back: the version is still there, so that its label moves.
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 0
    assert f"{SECRET}: make the version current ({old})" in capsys.readouterr().out
    assert _current(secrets)[0] == old


def test_a_renewal_with_the_same_key_writes_the_public_files_alone(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    push(owner, good.pem, issuer.pem, good.key_pem(), "--apply")
    again = issuer.issue(*NAMES, key=good.key)
    capsys.readouterr()
    push(owner, again.pem, issuer.pem, again.key_pem(), "--apply", "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"] == "done"
    assert document["secret"]["step"] == "nothing to do"
    assert document["files"] == ["certificates/example/certificate.pem"]


def test_certbots_full_chain_and_a_key_from_stdin_will_do(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    (owner / "fullchain.pem").write_bytes(good.pem + issuer.pem)
    (owner / "empty.pem").write_bytes(b"")
    (owner / "key.pem").write_bytes(good.key_pem())
    with (owner / "key.pem").open(encoding="ascii") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert main(["certificate", "push", "fullchain.pem", "empty.pem", "-", "--apply"]) == 0
    assert load(owner / "failover.toml").certificate.public.chain_pem == issuer.pem.decode()


def test_a_client_that_writes_one_file_needs_no_other(owner: Path, secrets: Any, issuer: Authority, good: Leaf) -> None:
    (owner / "fullchain.pem").write_bytes(good.pem + issuer.pem)
    (owner / "key.pem").write_bytes(good.key_pem())
    assert main(["certificate", "push", "fullchain.pem", "key.pem", "--apply"]) == 0
    assert load(owner / "failover.toml").certificate.public.chain_pem == issuer.pem.decode()


def test_of_one_file_no_message_names_another(
    owner: Path, secrets: Any, root_authority: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    other = root_authority.below("Example Stranger")
    (owner / "fullchain.pem").write_bytes(good.pem + other.pem)
    (owner / "key.pem").write_bytes(good.key_pem())
    assert main(["certificate", "push", "fullchain.pem", "key.pem"]) == 1
    said = capsys.readouterr().err
    assert "fullchain.pem\n   certificate 2 (CN=Example Stranger) did not issue the one before it" in said
    assert "chain.pem" not in said.replace("fullchain.pem", "")


def test_a_root_at_the_end_of_the_chain_is_left_out_with_a_word(  # noqa: PLR0917 (fixtures)
    owner: Path,
    secrets: Any,
    root_authority: Authority,
    issuer: Authority,
    good: Leaf,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert push(owner, good.pem, issuer.pem + root_authority.pem, good.key_pem(), "--apply") == 0
    assert "new/chain.pem holds a root certificate (CN=Example Root); it was left out" in capsys.readouterr().err
    assert load(owner / "failover.toml").certificate.public.chain_pem == issuer.pem.decode()


def test_a_private_ca_is_accepted_where_it_is_meant(owner: Path, secrets: Any) -> None:
    private = Authority.root().below("Example Private CA")
    leaf = private.issue(*NAMES)
    assert push(owner, leaf.pem, private.pem, leaf.key_pem(), "--apply") == 1
    assert push(owner, leaf.pem, private.pem, leaf.key_pem(), "--apply", "--private-ca") == 0


def test_the_last_quarter_of_a_lifetime_and_an_unconfirmed_key_are_warned_of_and_accepted(
    owner: Path, secrets: Any, issuer: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    start = datetime.now(UTC) - timedelta(days=70)
    ending = issuer.issue(*NAMES, key=ec.generate_private_key(ec.SECP256R1()), start=start)
    assert push(owner, ending.pem, issuer.pem, ending.key_pem()) == 0
    said = capsys.readouterr().err
    assert "warning: 19 days are left, under a quarter of its lifetime" in said
    assert "warning: The certificate has a key of type EC P-256." in said


def test_no_other_warning_is_given(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    push(owner, good.pem, issuer.pem, good.key_pem())
    assert "warning" not in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["access-denied", "server-error"])
def test_a_refusal_of_aws_leaves_the_files_and_can_be_repeated(  # noqa: PLR0917 (fixtures)
    owner: Path, secrets: Any, aws: EmbeddedAws, issuer: Authority, good: Leaf, fault: str
) -> None:
    aws.control.plan_fault(operation="PutSecretValue", kind=fault, times=20)
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 1
    assert _written(owner) == ["failover.toml"]
    aws.control.clear_faults()
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 0
    assert _written(owner) == FILES


def test_settings_that_are_changed_meanwhile_are_kept(  # noqa: PLR0917 (fixtures)
    owner: Path,
    secrets: Any,
    issuer: Authority,
    good: Leaf,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = owner / "failover.toml"
    changed = settings.read_text(encoding="utf-8") + "# changed\n"
    store = secret.apply

    def apply(*arguments: Any) -> None:
        store(*arguments)
        settings.write_text(changed, encoding="utf-8")

    monkeypatch.setattr(secret, "apply", apply)
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 1
    assert "changed meanwhile" in capsys.readouterr().err
    assert settings.read_text(encoding="utf-8") == changed
    assert _written(owner) == ["failover.toml"]


def test_a_secret_that_is_being_deleted_is_no_place_for_a_key(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets.create_secret(Name=SECRET, SecretString="x")
    secrets.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 1
    assert f"Secret {SECRET} is being deleted. Restore it" in capsys.readouterr().err
    assert _written(owner) == ["failover.toml"]


@pytest.mark.parametrize("arguments", [[], ["a.pem"], ["a.pem", "b.pem", "c.pem", "--live-directory", "d"]])
def test_anything_but_three_files_or_a_directory_is_wrong_usage(owner: Path, arguments: list[str]) -> None:
    assert main(["certificate", "push", *arguments]) == 2


VERSION = "f" * 64


@pytest.mark.parametrize(
    "text",
    [
        '[certificate]\nname = "a" # one\nprivate_key_secret = "b"   # two\n\n[timing]\nprofile = "fast"\n',
        '[certificate]\r\nname = "a"\r\nprivate_key_secret = "b"\r\n',
        '\ufeff[certificate]\nprivate_key_secret = "b"\nname = "a"\n',
        f'[certificate]\nprivate_key_version = "{"0" * 32}"  # old\nname = "a"\nprivate_key_secret = "b"\n',
    ],
)
def test_the_version_is_written_and_all_else_stays(text: str) -> None:
    edited = with_version(text, VERSION)
    assert tomllib.loads(edited.removeprefix("\ufeff"))["certificate"]["private_key_version"] == VERSION
    left = [line for line in edited.split("\n") if "private_key_version" not in line]
    assert left == [line for line in text.split("\n") if "private_key_version" not in line]
    assert with_version(edited, VERSION) == edited


@pytest.mark.parametrize(
    "text",
    [
        'certificate = { name = "a", private_key_secret = "b" }\n',
        '[certificate]\nname = "a"\n"private_key_secret" = "b"\n',
    ],
)
def test_a_file_written_in_another_way_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(SettingsFileError, match="by hand"):
        with_version(text, VERSION)


def test_files_that_cannot_all_be_written_are_none_of_them_written(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "file" / "second"
    first.write_text("old", encoding="ascii")
    (tmp_path / "file").write_text("no folder", encoding="ascii")
    with pytest.raises(OSError, match="file"):
        write_together({first: "new", second: "new"})
    assert first.read_text(encoding="ascii") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "first"]


def test_the_key_is_stored_in_the_form_that_iam_documents(owner: Path, secrets: Any, issuer: Authority) -> None:
    for key, begins in (
        (rsa.generate_private_key(65_537, 2048), "-----BEGIN RSA PRIVATE"),
        (ec.generate_private_key(ec.SECP256R1()), "-----BEGIN EC PRIVATE"),
    ):
        issued = issuer.issue(*NAMES, key=key)
        assert push(owner, issued.pem, issuer.pem, issued.key_pem(), "--apply") == 0
        assert _current(secrets)[1].startswith(begins)


ADDITIONAL = """
[certificate]
name = "example"
private_key_secret = "a"

[[certificates]]
name = "shops"
private_key_secret = "b"   # theirs
private_key_version = "00000000000000000000000000000000"

[[certificates]]
name = "more"
folder = "shops"
private_key_secret = "b"
"""


def test_the_version_goes_into_every_table_of_the_folder_and_into_no_other() -> None:
    edited = with_version(ADDITIONAL, VERSION, "shops")
    tables = tomllib.loads(edited)
    assert "private_key_version" not in tables["certificate"]
    assert [table["private_key_version"] for table in tables["certificates"]] == [VERSION, VERSION]
    assert "# theirs" in edited
    assert with_version(edited, VERSION, "shops") == edited
    assert tomllib.loads(with_version(ADDITIONAL, VERSION))["certificate"]["private_key_version"] == VERSION


def test_an_additional_certificate_is_pushed_by_its_name(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf
) -> None:
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 0
    settings = owner / "failover.toml"
    table = f'[[certificates]]\nname = "shops"\nprivate_key_secret = "{SECRET}"\n'
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n{table}", encoding="utf-8")
    renewed = issuer.issue(*NAMES)
    assert push(owner, renewed.pem, issuer.pem, renewed.key_pem(), "--name", "shops", "--apply") == 0
    loaded = load(settings)
    assert loaded.certificates[0].public.fingerprint != loaded.certificate.public.fingerprint
    assert loaded.certificates[0].private_key_version == _current(secrets)[0]
    assert loaded.certificate.private_key_version != loaded.certificates[0].private_key_version


def test_a_name_that_is_not_declared_is_wrong_usage(
    owner: Path, secrets: Any, issuer: Authority, good: Leaf, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--apply") == 0
    before = (owner / "failover.toml").read_bytes()
    assert push(owner, good.pem, issuer.pem, good.key_pem(), "--name", "elsewhere", "--apply") == 2
    assert "failover.toml has no [[certificates]] called elsewhere; it has none" in capsys.readouterr().err
    assert (owner / "failover.toml").read_bytes() == before
