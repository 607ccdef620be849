"""Names of the secret with the private key: what cannot be one is refused, and never repeated."""

from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.settings.samples import changed, error_from

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two words",
        "k" * 129,
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:without-its-six-characters",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-AbCd12",
        "arn:aws:iam::111122223333:role/key",
    ],
)
def test_what_names_no_secret_in_us_east_1_is_refused_unseen(folder: Path, text: str) -> None:
    error = error_from(folder, changed("certificate.private_key_secret", text))
    [problem] = error.problems
    assert (problem.wrong, problem.value) == ("names no secret in us-east-1", "(not shown)")
    assert not text or text not in str(error)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_even_the_shortest_key_in_one_line_without_its_markers_is_no_name(folder: Path, form: PrivateFormat) -> None:
    """Secrets Manager allows 512 characters in a name, all those of base64 among them; this file allows 128."""
    line = b64encode(KEY.private_bytes(Encoding.DER, form, NoEncryption())).decode()
    assert line not in str(error_from(folder, changed("certificate.private_key_secret", line)))
