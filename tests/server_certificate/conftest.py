"""A fake account with a key in its secret, the handler bound to it, and certificates of a CA made for the run."""

from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from tests.server_certificate.fake_aws import Clock, FakeAws, handler_module, load_handler
from tests.server_certificate.requests import SECRET, Issued, Requests


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An intermediate CA that issues the certificates of these tests."""
    return trustme.CA(key_type=trustme.KeyType.RSA).create_child_ca(key_type=trustme.KeyType.RSA)


@pytest.fixture(scope="session")
def old(authority: trustme.CA) -> Issued:
    """The certificate in use."""
    return Issued.by(authority)


@pytest.fixture(scope="session")
def new(authority: trustme.CA) -> Issued:
    """Its renewal, for another key."""
    return Issued.by(authority)


@pytest.fixture
def clock() -> Clock:
    """The only clock that the handler sees."""
    return Clock()


@pytest.fixture
def aws(old: Issued, new: Issued) -> FakeAws:
    """An account without certificates, whose secret holds the key of the old one."""
    account = FakeAws()
    account.files = {certificate.key_of_file: certificate.body + certificate.chain for certificate in (old, new)}
    account.secrets[SECRET] = {"SecretString": old.key}
    return account


@pytest.fixture
def requests(aws: FakeAws, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """CloudFormation, as the handler's one caller."""
    handler: Any = load_handler()
    seam = handler_module("aws")
    seam._client.cache_clear()
    monkeypatch.setattr(seam, "aws_client", SimpleNamespace(client=aws.client))
    monkeypatch.setattr(seam, "time", clock)
    return Requests(handler, clock)
