"""The private key goes from Secrets Manager to IAM, and whatever happens on the way, nowhere else."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import HTTPClientError, ParamValidationError, ReadTimeoutError
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.server_certificate.fake_aws import FakeAws, error_of
from tests.server_certificate.requests import SECRET, Issued, Requests

Prepare = Callable[[FakeAws, Issued], None]


def _upload_fails(fault: Callable[[str], Exception]) -> Prepare:
    """With an error that quotes the key which it was called with."""

    def prepare(aws: FakeAws, _: Issued) -> None:
        aws.faults["upload_server_certificate"] = [lambda parameters: fault(parameters["PrivateKey"])]

    return prepare


def _upload_refused(code: str) -> Prepare:
    return _upload_fails(lambda key: error_of(code, f"refused {key}"))


def _secret(answer: Callable[[str], dict[str, object]]) -> Prepare:
    def prepare(aws: FakeAws, certificate: Issued) -> None:
        aws.secrets[SECRET] = answer(certificate.key)

    return prepare


def _encrypted(key: str, form: PrivateFormat) -> str:
    loaded = load_pem_private_key(key.encode(), password=None)
    return loaded.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"password")).decode()


def _never_shown(aws: FakeAws, _: Issued) -> None:
    aws.hide_new_for = [True] * 10_000


def _reads_fail_after_the_upload(aws: FakeAws, _: Issued) -> None:
    aws.faults["get_server_certificate"] = [lambda _: None, *[lambda _: error_of("Throttling")] * 1000]


def _another_came_first(aws: FakeAws, certificate: Issued) -> None:
    aws.hide_new_for = [True]
    aws.store(**{**certificate.stored(), "CertificateBody": certificate.chain})


FAULTS: dict[str, Prepare] = {
    **{
        code: _upload_refused(code)
        for code in (
            "KeyPairMismatch",
            "MalformedCertificate",
            "LimitExceeded",
            "InvalidInput",
            "ConcurrentModification",
            "ServiceFailure",
            "Throttling",
            "AccessDenied",
        )
    },
    "parameters that botocore refuses": _upload_fails(lambda key: ParamValidationError(report=f"invalid: {key}")),
    "time-out": _upload_fails(lambda key: ReadTimeoutError(endpoint_url=f"https://iam/?PrivateKey={key}")),
    "broken connection": _upload_fails(lambda key: HTTPClientError(error=f"while sending {key}")),
    "key without its lines": _secret(lambda key: {"SecretString": "".join(key.split("\n")[1:-2])}),
    "key in JSON": _secret(lambda key: {"SecretString": json.dumps({"key": key})}),
    "key as binary": _secret(lambda key: {"SecretBinary": key.encode()}),
    "key that is encrypted": _secret(lambda key: {"SecretString": _encrypted(key, PrivateFormat.PKCS8)}),
    "key encrypted in the old form": _secret(
        lambda key: {"SecretString": _encrypted(key, PrivateFormat.TraditionalOpenSSL)}
    ),
    "upload that never shows": _never_shown,
    "throttled reads after the upload": _reads_fail_after_the_upload,
    "another certificate of the same name": _another_came_first,
}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception with all that stand behind it, also those which `raise … from None` hides."""
    pending, visited = [error], set[int]()
    while pending:
        raised = pending.pop()
        if raised is not None and id(raised) not in visited:
            visited.add(id(raised))
            yield raised
            pending += [raised.__cause__, raised.__context__]


def _texts(error: BaseException) -> Iterator[str]:
    for raised in _chain(error):
        yield from (
            str(raised),
            repr(raised),
            repr(raised.args),
            repr(vars(raised)),
            *traceback.format_exception(raised),
        )


def _leaks(text: str, secret: str) -> list[str]:
    """Pieces of a secret's value that stand in `text`; short, so that quoting and wrapping hide none."""
    pieces = re.findall(r"[A-Za-z0-9+/]{24}", secret)
    assert pieces, "the secret is too short to be looked for"
    return [piece for piece in pieces if piece in text]


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything that the test has logged at any level, and written to stdout and stderr."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join((caplog.text, *capfd.readouterr()))


@pytest.mark.parametrize("fault", FAULTS)
def test_the_private_key_is_in_no_error_log_or_output(
    requests: Requests, aws: FakeAws, old: Issued, fault: str, written: Callable[[], str]
) -> None:
    FAULTS[fault](aws, old)
    with pytest.raises(Exception) as failure:  # noqa: PT011 (each fault has a type and text of its own)
        requests.create(old)
    text = "\n".join((*_texts(failure.value), written()))
    assert _leaks(text, old.key) == []
    secret = aws.secrets[SECRET]
    assert _leaks(text, secret.get("SecretString") or secret["SecretBinary"].decode()) == []


def test_the_private_key_is_in_no_answer_log_or_output(
    requests: Requests, aws: FakeAws, old: Issued, new: Issued, written: Callable[[], str]
) -> None:
    answers = [requests.create(old)]
    aws.secrets[SECRET] = {"SecretString": new.key}
    answers += [requests.update(old, new), requests.delete(old)]
    assert _leaks(json.dumps(answers) + written(), old.key + new.key) == []


def test_the_private_key_is_given_to_the_upload_and_to_no_other_call(
    requests: Requests, aws: FakeAws, old: Issued
) -> None:
    requests.create(old)
    requests.delete(old)
    operations = {operation for operation, parameters in aws.calls if _leaks(str([*parameters.values()]), old.key)}
    assert operations == {"upload_server_certificate"}


def test_these_tests_would_see_a_key_behind_a_hidden_exception(old: Issued) -> None:
    def fails() -> None:
        try:
            raise error_of("KeyPairMismatch", f"refused {old.key}")
        except Exception:
            raise ValueError("nothing to see") from None

    with pytest.raises(ValueError, match="nothing") as failure:
        fails()
    assert _leaks("\n".join(_texts(failure.value)), old.key)
