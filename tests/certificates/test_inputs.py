"""Every input of the table is judged as it says, by push, synthesis and the stand-in, and other judges agree."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from tests.certificates.inputs import INPUTS, Files
from tests.certificates.oracles import handshake, verifier
from tests.certificates.table import TABLE, Row
from understudy_failover.emulator.certificate_content import CertificateContentError, check_content
from understudy_failover.emulator.model import ServerCertificate
from understudy_failover.emulator.viewer_certificates import CloudFrontRefusal, check as check_viewer
from understudy_failover.operations.certificate import trust
from understudy_failover.operations.certificate.preflight import Checked, check
from understudy_failover.operations.certificate.source import Source
from understudy_failover.settings.certificate import CertificateError, parse
from understudy_failover.settings.problem import Problem

pytestmark = pytest.mark.lengthy

ID = "ASCAEXAMPLE0000000001"


class Case:
    """An input and what push says of it."""

    def __init__(self, files: Files, settings: Path) -> None:
        self.files = files
        names = ("cert.pem", "chain.pem" if files.chain else "cert.pem", "key.pem")
        source = Source(names, files.leaf, files.chain, files.key)
        with pytest.MonkeyPatch.context() as patch:
            roots = tuple(x509.load_pem_x509_certificates(files.root))
            patch.setattr(trust, "mozilla_roots", lambda: roots)
            self.pushed: Checked | list[Problem] = check(source, settings, datetime.now(UTC))

    @property
    def stored(self) -> tuple[bytes, bytes]:
        """Certificates and key as they are stored; as they were given, where push refuses them."""
        if isinstance(self.pushed, Checked):
            public = self.pushed.public
            return (public.body_pem + public.chain_pem).encode(), self.pushed.key.pem.encode()
        return self.files.leaf + b"\n" + self.files.chain, self.files.key


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("owner")
    return Path(shutil.copy(root / "tests/sample/failover.toml", folder))


@pytest.fixture(scope="module", params=TABLE)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def row(name: str) -> Row:
    return TABLE[name]


@pytest.fixture(scope="module")
def case(name: str, settings: Path) -> Case:
    return Case(INPUTS[name](), settings)


def test_the_table_has_every_input() -> None:
    assert TABLE.keys() == INPUTS.keys()


def test_push_judges_it_as_the_table_says(case: Case, row: Row) -> None:
    if isinstance(case.pushed, Checked):
        verdict = "warned" if case.pushed.warnings else "taken"
        said = [*case.pushed.warnings, *case.pushed.public.notes]
    else:
        verdict = "refused"
        said = [f"{problem.place}: {problem.wrong}" for problem in case.pushed]
    assert verdict == row.push, said
    assert (row.why in "\n".join(said)) if row.why else not said, said


def test_synthesis_judges_it_without_a_clock(case: Case, row: Row) -> None:
    try:
        verdict = "warned" if parse(case.files.leaf, case.files.chain).warnings else "taken"
    except CertificateError:
        verdict = "refused"
    assert verdict == (row.synthesis or row.push)


def test_a_tls_session_succeeds_exactly_with_what_push_takes(case: Case, row: Row, tmp_path: Path) -> None:
    refusal = handshake(*case.stored, case.files.root, tmp_path)
    agrees = bool(refusal) == (row.push == "refused")
    assert agrees != bool(row.openssl), refusal or "OpenSSL accepts it"


def test_cryptographys_verifier_agrees(case: Case, row: Row) -> None:
    refusal = verifier(case.stored[0], case.files.root)
    agrees = bool(refusal) == (row.push == "refused")
    assert agrees != bool(row.verifier), refusal or "the verifier accepts it"


def test_the_stand_in_takes_what_push_takes(case: Case, row: Row) -> None:
    if isinstance(case.pushed, Checked):
        public, key = case.pushed.public, case.pushed.key
        refusal = stand_in(public.body_pem, public.chain_pem, key.pem)
        assert bool(refusal) == bool(row.stand_in), refusal


def stand_in(body: str, chain: str, key: str) -> str:
    """Why IAM or CloudFront of the embedded AWS refuse it; empty if they do not."""
    stored = ServerCertificate(ID, "one", "/cloudfront/", body, chain or None, key)
    now = datetime.now(UTC)
    config = {"Aliases": ["www.example.com"], "ViewerCertificate": {"IamCertificateId": ID}}
    try:
        check_content(stored, now)
        check_viewer({"DistributionConfig": config}, (), lambda _: stored, now)
    except (CertificateContentError, CloudFrontRefusal) as error:
        return str(error)
    return ""


PAST_PUSH = [
    "expired",
    "not_yet_valid",
    "intermediate_expired",
    "intermediate_not_yet_valid",
    "old_chain_of_a_renewed_intermediate",
    "intermediate_is_no_ca",
    "path_length_violated",
    "name_constraints_violated",
    "chain_wrong_order",
    "ec_p384",
    "tool_openssl_pkcs12_nokeys_for_both",
]
"""Of which AWS documents a rule that they break."""


@pytest.mark.parametrize("past", PAST_PUSH)
def test_a_deploy_past_push_is_refused_by_the_stand_in(past: str) -> None:
    files = INPUTS[past]()
    assert stand_in(files.leaf.decode(), files.chain.decode(), files.key.decode())
