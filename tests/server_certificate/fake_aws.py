"""IAM's server certificates, Secrets Manager and S3 in memory: as much as the handler meets, with faults on demand.

What IAM refuses, it refuses here for the same reasons and with the same codes; and its texts quote the private
key wherever they can, as nobody has promised that the real ones never will.
"""

import datetime
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import count, pairwise
from typing import Any

import botocore.session
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.handlers import STACKS, aws_client, load

QUOTA = 20
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

EPOCH = datetime.datetime.now(datetime.UTC)
"""The day of the tests: their certificates are valid."""

Answer = dict[str, Any]


MODULES = (
    "aws",
    "public_certificate",
    "private_key",
    "server_certificates",
    "orphans",
    "ensure",
    "release",
    "responder",
    "index",
)
"""Of the handler, each after those that it imports."""


@cache
def load_handler() -> Any:
    """The handler's module `index`, from its file: its folder is an asset and no package."""
    aws_client()
    for name in MODULES:
        owner = "custom_resource" if name == "responder" else "server_certificate"
        module = load(name, STACKS / owner / "handler" / f"{name}.py")
    return module


def handler_module(name: str) -> Any:
    """One of the handler's modules."""
    load_handler()
    return sys.modules[name]


@cache
def _service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def _private_key(pem: str) -> PrivateKeyTypes:
    """Looking whether its numbers are those of a key takes most of an upload."""
    return load_pem_private_key(pem.encode(), password=None)


@dataclass
class Clock:
    """Time that passes only while somebody sleeps; also Lambda's context, which counts down with it."""

    now: float = 1000.0
    ends: float = 1000.0 + 14 * 60
    sleeps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """As `time.monotonic`."""
        return self.now

    def time(self) -> float:
        """As `time.time`."""
        return EPOCH.timestamp() + self.now

    def sleep(self, seconds: float) -> None:
        """As `time.sleep`."""
        self.now += seconds
        self.sleeps.append(seconds)

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's context."""
        return int((self.ends - self.now) * 1000)


@dataclass
class StoredCertificate:
    """What IAM keeps; the private key goes in and never comes out."""

    id: str
    parameters: dict[str, Any]
    hidden_from_reads: list[bool] = field(default_factory=list)
    """Of the next reads, which are answered by a replica that has not heard of it."""

    uploaded_at: datetime.datetime = EPOCH

    def metadata(self) -> Answer:
        """As ListServerCertificates describes it."""
        return {
            "Path": self.parameters["Path"],
            "ServerCertificateName": self.parameters["ServerCertificateName"],
            "ServerCertificateId": self.id,
            "UploadDate": self.uploaded_at,
            "Expiration": x509.load_pem_x509_certificate(
                self.parameters["CertificateBody"].encode()
            ).not_valid_after_utc,
        }

    def answer(self) -> Answer:
        """As GetServerCertificate describes it."""
        metadata = self.metadata()
        content = {key: self.parameters[key] for key in self.parameters if key.startswith("Certificate")}
        return {"ServerCertificateMetadata": metadata, "Tags": self.parameters.get("Tags", []), **content}


class FakeAws:
    """One account. `client` stands for `aws_client.client`."""

    def __init__(self) -> None:
        self.certificates: dict[str, StoredCertificate] = {}
        self.secrets: dict[str, Answer] = {}
        """Answers of GetSecretValue, by name, and by `<name>@<version id or staging label>`."""
        self.files: dict[str, str] = {}
        """Objects of S3, by key."""
        self.stack_status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
        self.in_use: set[str] = set()
        """Names of certificates that IAM refuses to delete, as a distribution still holds them."""
        self.shown_in_use: set[str] = set()
        """Names of certificates that CloudFront lists a distribution with."""
        self.calls: list[tuple[str, Answer]] = []
        self.faults: dict[str, list[Callable[[Answer], Exception | None]]] = {}
        """By operation, what its next calls raise; None lets one through."""
        self.hide_new_for: list[bool] = []
        """`hidden_from_reads` of the certificates uploaded from now on."""
        self._ids = (f"ASCAEXAMPLE{number:05d}" for number in count(1))

    def client(self, service: str, *_: Any) -> "FakeClient":
        """As `aws_client.client`."""
        return FakeClient(self, service)

    def called(self, operation: str) -> list[Answer]:
        """Parameters of every call of an operation."""
        return [parameters for name, parameters in self.calls if name == operation]

    def store(self, **parameters: Any) -> StoredCertificate:
        """Puts a certificate into the account, as if it had been uploaded at some time."""
        stored = StoredCertificate(next(self._ids), parameters, list(self.hide_new_for))
        self.certificates[parameters["ServerCertificateName"]] = stored
        return stored

    def upload_server_certificate(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html"""
        quoted = f"(got {parameters})"
        if not (parameters["Path"].startswith("/cloudfront/") and parameters["Path"].endswith("/")):
            raise error_of("InvalidInput", f"CloudFront would not see this path {quoted}")
        if parameters["ServerCertificateName"] in self.certificates:
            raise error_of("EntityAlreadyExists", f"it exists {quoted}")
        try:
            leaf, *rest = x509.load_pem_x509_certificates(parameters["CertificateBody"].encode())
            chain = parameters.get("CertificateChain", "").encode()
            path = [leaf, *rest, *(x509.load_pem_x509_certificates(chain) if chain else [])]
            for subject, issuer in pairwise(path):
                subject.verify_directly_issued_by(issuer)
            key = _private_key(parameters["PrivateKey"])
        except (ValueError, TypeError) as error:
            raise error_of("MalformedCertificate", f"{error} {quoted}") from error
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if key.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
            raise error_of("KeyPairMismatch", f"they do not match {quoted}")
        if len(self.certificates) >= QUOTA:
            raise error_of("LimitExceeded", f"no more than {QUOTA} {quoted}")
        stored = self.store(**{name: value for name, value in parameters.items() if name != "PrivateKey"})
        return {"ServerCertificateMetadata": stored.answer()["ServerCertificateMetadata"]}

    def get_server_certificate(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServerCertificate.html"""
        stored = self.certificates.get(parameters["ServerCertificateName"])
        if stored is None or (stored.hidden_from_reads and stored.hidden_from_reads.pop(0)):
            raise error_of("NoSuchEntity", "no such server certificate")
        return {"ServerCertificate": stored.answer()}

    def delete_server_certificate(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServerCertificate.html"""
        name = parameters["ServerCertificateName"]
        if name not in self.certificates:
            raise error_of("NoSuchEntity", "no such server certificate")
        if name in self.in_use:
            raise error_of("DeleteConflict", f"{name} is currently in use by arn:aws:cloudfront::…:distribution/E1")
        del self.certificates[name]
        return {}

    def list_distributions(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributions.html, one to a page."""
        identifiers = [certificate.id for name, certificate in self.certificates.items() if name in self.shown_in_use]
        items = [{"Id": "E0", "ViewerCertificate": {"CloudFrontDefaultCertificate": True}}]
        items += [
            {"Id": f"E{number}", "ViewerCertificate": {"IAMCertificateId": identifier}}
            for number, identifier in enumerate(identifiers)
        ]
        start = int(parameters.get("Marker", "0"))
        more = {"NextMarker": str(start + 1)} if len(items) > start + 1 else {}
        return {"DistributionList": {"Items": items[start : start + 1], "IsTruncated": bool(more), **more}}

    def get_secret_value(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html"""
        version = parameters.get("VersionId") or parameters["VersionStage"]
        current = self.secrets.get(parameters["SecretId"]) if version == "AWSCURRENT" else None
        secret = self.secrets.get(f"{parameters['SecretId']}@{version}", current)
        if secret is None:
            raise error_of("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return {"Name": parameters["SecretId"], **secret}

    def list_server_certificates(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificates.html, two to a page."""
        matching = [
            certificate.metadata()
            for certificate in self.certificates.values()
            if certificate.parameters["Path"].startswith(parameters["PathPrefix"])
        ]
        start = int(parameters.get("Marker", "0"))
        more = {"Marker": str(start + 2)} if len(matching) > start + 2 else {}
        return {"ServerCertificateMetadataList": matching[start : start + 2], "IsTruncated": bool(more), **more}

    def get_object(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
        if parameters["Key"] not in self.files:
            raise error_of("NoSuchKey", "The specified key does not exist.")
        return {"Body": io.BytesIO(self.files[parameters["Key"]].encode())}

    def describe_stacks(self, parameters: Answer) -> Answer:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html"""
        return {"Stacks": [{"StackId": parameters["StackName"], "StackStatus": self.stack_status}]}


class FakeClient:
    """A client of one service: checks parameters as botocore does, then asks the account."""

    def __init__(self, account: FakeAws, service: str) -> None:
        self._account = account
        self._service = service

    def __getattr__(self, operation: str) -> Callable[..., Answer]:
        def call(**parameters: Any) -> Answer:
            account = self._account
            account.calls.append((operation, parameters))
            api_name = "".join(word.capitalize() for word in operation.split("_"))
            shape = _service_model(self._service).operation_model(api_name).input_shape
            assert shape
            report = ParamValidator().validate(parameters, shape)
            if report.has_errors():
                raise ParamValidationError(report=report.generate_report())
            faults = account.faults.get(operation, [])
            if faults and (fault := faults.pop(0)(parameters)):
                raise fault
            answer: Answer = getattr(account, operation)(parameters)
            return answer

        return call


def error_of(code: str, message: str = "no text", *, status: int = 400, retries: int = 0) -> ClientError:
    """What botocore raises for an error answer of AWS."""
    metadata = {"HTTPStatusCode": status, "RetryAttempts": retries}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "Operation")
