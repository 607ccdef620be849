"""The search for pieces of a private key finds them in every encoding, and nothing that is public."""

import base64

import pytest

from tests.certificates.authority import Authority, pem, rsa_key, traditional
from tests.server_certificate.model.canary import Canary

KEY = traditional(rsa_key())
MIDDLE = len(KEY) // 2
"""An RSA key begins with its public numbers."""


@pytest.fixture(scope="module")
def canary() -> Canary:
    return Canary(KEY, [])


@pytest.mark.parametrize("start", range(8))
@pytest.mark.parametrize("before", range(8))
def test_a_piece_is_found_wherever_it_stands(canary: Canary, start: int, before: int) -> None:
    piece = "".join(KEY.split())[MIDDLE + start :][:16].encode()
    assert canary.found_in(b"-" * before + piece + b"-" * start) == [piece]


def test_it_is_found_in_hexadecimal(canary: Canary) -> None:
    der = base64.b64decode("".join(KEY.splitlines()[1:-1]))
    assert canary.found_in(b"x" + der.hex()[MIDDLE : MIDDLE + 32].encode())


def test_the_certificate_of_the_key_holds_none() -> None:
    authority, key = Authority.make("test"), rsa_key()
    certificate = pem(authority.leaf(key, ["www.example.com"]))
    canary = Canary(traditional(key), [certificate])
    assert canary.found_in(certificate.encode() + b"-----BEGIN RSA PRIVATE KEY-----") == []
