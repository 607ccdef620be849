"""What of a certificate will matter later: synthesis says so, and goes on."""

from pathlib import Path

import pytest

from tests.certificates.authority import NAMES, Authority, ec_key, pem, rsa_key
from tests.stacks.conftest import Write
from tests.stacks.templates import Synthesis, sample_text
from tests.stacks.test_unconfirmed_keys import annotations


@pytest.fixture(scope="module")
def ending(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with a chain that holds a root, and whose intermediate ends before the certificate."""
    root = Authority.make("Root", key=ec_key())
    issuer = Authority.make("Issuer", root, key=ec_key(), days=(-400, 20))
    folder = tmp_path_factory.mktemp("ending")
    certificate = folder / "certificates" / "example"
    certificate.mkdir(parents=True)
    (certificate / "certificate.pem").write_text(pem(issuer.leaf(rsa_key(), NAMES)), encoding="ascii")
    (certificate / "chain.pem").write_text(pem(issuer.certificate, root.certificate), encoding="ascii")
    return write(folder, sample_text())


def test_a_chain_that_ends_before_the_certificate_is_a_warning_and_a_root_is_information(ending: Synthesis) -> None:
    texts = dict(annotations(Path(ending.folder)))
    assert texts["aws:cdk:warning"].startswith("CN=Issuer in the chain ends on ")
    assert "[ack: understudy:certificateChain0]" in texts["aws:cdk:warning"]
    assert texts["aws:cdk:info"].startswith("certificates/example/chain.pem holds a root certificate (CN=Root)")
