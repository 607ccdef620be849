"""IAM's server certificates, which MiniStack does not have: upload, get, list, tag, rename, delete.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html and the pages beside it.
"""

import re
import secrets
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from understudy_failover.emulator.aws_calls import IAM, Answer, xml, xml_error
from understudy_failover.emulator.certificate_content import CertificateContentError, check_content, expiration
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.model import ServerCertificate

Parameters = dict[str, list[str]]

QUOTA = 20
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
PAGE_ITEMS = 100
MAX_TAGS = 50
NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
PATH = re.compile(r"(?=.{1,512}$)((/)|(/[!-~]+/))")
ACCOUNT = "000000000000"


class IamError(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True)
class _Stored:
    certificate: ServerCertificate
    uploaded_at: float
    """Emulated Unix seconds."""
    expires_at: datetime
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:server-certificate{self.certificate.path}{self.certificate.name}"


class ServerCertificates:
    """The store and its API.

    `users(id)` returns the distributions that use a certificate; they prevent its deletion. Readers see an upload
    `delay_seconds` (emulated) later, as IAM is eventually consistent.
    """

    def __init__(self, clock: Clock, users: Callable[[str], list[str]], *, delay_seconds: float = 0.0) -> None:
        self._clock = clock
        self._users = users
        self._delay_seconds = delay_seconds
        self._stored: dict[str, _Stored] = {}
        self._lock = threading.RLock()

    def get(self, identifier: str) -> ServerCertificate | None:
        """Return the certificate with this ServerCertificateId, if readers see it already."""
        return next((entry.certificate for entry in self._visible() if entry.certificate.id == identifier), None)

    def actions(self) -> dict[str, Callable[[Parameters], Answer]]:
        """Return handlers of IAM's query API by action."""
        operations = {
            "UploadServerCertificate": self._upload,
            "GetServerCertificate": self._read,
            "ListServerCertificates": self._list,
            "UpdateServerCertificate": self._update,
            "DeleteServerCertificate": self._delete,
            "TagServerCertificate": self._tag,
            "UntagServerCertificate": self._untag,
            "ListServerCertificateTags": self._list_tags,
            "GetAccountSummary": self._summary,
        }
        return {action: self._handler(action, handle) for action, handle in operations.items()}

    def _handler(self, action: str, handle: Callable[[Parameters], str | None]) -> Callable[[Parameters], Answer]:
        def answer(parameters: Parameters) -> Answer:
            request = f"<RequestId>{uuid.uuid4()}</RequestId>"
            try:
                with self._lock:
                    result = handle(parameters)
            except IamError as error:
                return xml_error(IAM, error.code, error.message, error.status, request)
            content = "" if result is None else f"<{action}Result>{result}</{action}Result>"
            return xml(IAM, f"{action}Response", f"{content}<ResponseMetadata>{request}</ResponseMetadata>")

        return answer

    def _upload(self, parameters: Parameters) -> str:
        name = _name(parameters)
        path = _path(parameters, "Path", "/")
        if name in self._stored:
            raise IamError("EntityAlreadyExists", f"The Server Certificate with name {name} already exists.", 409)
        if len(self._stored) >= QUOTA:
            raise IamError("LimitExceeded", f"Cannot exceed quota for ServerCertificatesPerAccount: {QUOTA}", 409)
        certificate = ServerCertificate(
            id=f"ASCA{secrets.token_hex(9)[:17].upper()}",
            name=name,
            path=path,
            body_pem=_text(parameters, "CertificateBody"),
            chain_pem=_text(parameters, "CertificateChain") or None,
            private_key_pem=_text(parameters, "PrivateKey"),
        )
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        try:
            check_content(certificate, now)
        except CertificateContentError as error:
            raise IamError(error.code, str(error)) from None
        tags = _merged({}, _tags(parameters))
        self._stored[name] = _Stored(certificate, self._clock.now(), expiration(certificate), tags)
        return f"<ServerCertificateMetadata>{_metadata(self._stored[name])}</ServerCertificateMetadata>"

    def _read(self, parameters: Parameters) -> str:
        stored = self._named(_name(parameters))
        certificate = stored.certificate
        chain = f"<CertificateChain>{escape(certificate.chain_pem)}</CertificateChain>" if certificate.chain_pem else ""
        return (
            "<ServerCertificate>"
            f"<ServerCertificateMetadata>{_metadata(stored)}</ServerCertificateMetadata>"
            f"<CertificateBody>{escape(certificate.body_pem)}</CertificateBody>{chain}"
            f"<Tags>{_tag_members(stored)}</Tags>"
            "</ServerCertificate>"
        )

    def _list(self, parameters: Parameters) -> str:
        prefix = _text(parameters, "PathPrefix", "/")
        matching = [entry for entry in self._visible() if entry.certificate.path.startswith(prefix)]
        matching.sort(key=lambda entry: entry.certificate.name)
        marker = _text(parameters, "Marker", "0")
        if not marker.isdecimal():
            raise IamError("ValidationError", f"The specified value for marker is invalid: {marker}")
        start = int(marker)
        end = start + int(_text(parameters, "MaxItems", str(PAGE_ITEMS)))
        members = "".join(f"<member>{_metadata(entry)}</member>" for entry in matching[start:end])
        more = f"<Marker>{end}</Marker>" if end < len(matching) else ""
        return (
            f"<ServerCertificateMetadataList>{members}</ServerCertificateMetadataList>"
            f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}"
        )

    def _update(self, parameters: Parameters) -> None:
        stored = self._named(_name(parameters))
        old = stored.certificate
        new_name, path = "NewServerCertificateName", _path(parameters, "NewPath", old.path)
        name = _name(parameters, new_name) if new_name in parameters else old.name
        if name != old.name and name in self._stored:
            raise IamError("EntityAlreadyExists", f"The Server Certificate with name {name} already exists.", 409)
        del self._stored[old.name]
        moved = replace(old, name=name, path=path)
        self._stored[name] = replace(stored, certificate=moved)

    def _delete(self, parameters: Parameters) -> None:
        stored = self._named(_name(parameters))
        if users := self._users(stored.certificate.id):
            raise IamError(
                "DeleteConflict",
                f"Certificate: {stored.certificate.id} is currently in use by {users[0]}. "
                "Please remove it first before deleting it from IAM.",
                409,
            )
        del self._stored[stored.certificate.name]

    def _tag(self, parameters: Parameters) -> None:
        stored = self._named(_name(parameters))
        merged = _merged(stored.tags, _tags(parameters))
        self._stored[stored.certificate.name] = replace(stored, tags=merged)

    def _untag(self, parameters: Parameters) -> None:
        tags = self._named(_name(parameters)).tags
        for key in map(str.casefold, _members(parameters, "TagKeys.member.{}")):
            for tag in [tag for tag in tags if tag.casefold() == key]:
                del tags[tag]

    def _list_tags(self, parameters: Parameters) -> str:
        stored = self._named(_name(parameters))
        return f"<Tags>{_tag_members(stored)}</Tags><IsTruncated>false</IsTruncated>"

    def _summary(self, _: Parameters) -> str:
        """Return the account's numbers about server certificates; IAM has many more."""
        numbers = {"ServerCertificates": len(self._stored), "ServerCertificatesQuota": QUOTA}
        entries = "".join(f"<entry><key>{name}</key><value>{value}</value></entry>" for name, value in numbers.items())
        return f"<SummaryMap>{entries}</SummaryMap>"

    def _named(self, name: str) -> _Stored:
        for entry in self._visible():
            if entry.certificate.name == name:
                return entry
        raise IamError("NoSuchEntity", f"The Server Certificate with name {name} cannot be found.", 404)

    def _visible(self) -> Iterator[_Stored]:
        now = self._clock.now()
        with self._lock:
            stored = list(self._stored.values())
        return (entry for entry in stored if now >= entry.uploaded_at + self._delay_seconds)


def _metadata(stored: _Stored) -> str:
    certificate = stored.certificate
    uploaded = datetime.fromtimestamp(stored.uploaded_at, UTC)
    return (
        f"<Path>{escape(certificate.path)}</Path>"
        f"<ServerCertificateName>{escape(certificate.name)}</ServerCertificateName>"
        f"<ServerCertificateId>{certificate.id}</ServerCertificateId><Arn>{escape(stored.arn)}</Arn>"
        f"<UploadDate>{uploaded:%Y-%m-%dT%H:%M:%SZ}</UploadDate>"
        f"<Expiration>{stored.expires_at:%Y-%m-%dT%H:%M:%SZ}</Expiration>"
    )


def _tag_members(stored: _Stored) -> str:
    return "".join(
        f"<member><Key>{escape(key)}</Key><Value>{escape(value)}</Value></member>"
        for key, value in sorted(stored.tags.items())
    )


def _merged(tags: dict[str, str], more: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Return tags with more of them. Keys ignore case; the spelling of the first one stays.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
    """
    merged = dict(tags)
    for key, value in more:
        existing = next((tag for tag in merged if tag.casefold() == key.casefold()), key)
        merged[existing] = value
    if len(merged) > MAX_TAGS:
        raise IamError("LimitExceeded", f"Cannot exceed quota for TagsPerServerCertificate: {MAX_TAGS}", 409)
    return merged


def _tags(parameters: Parameters) -> Iterator[tuple[str, str]]:
    for number, key in enumerate(_members(parameters, "Tags.member.{}.Key"), start=1):
        # MiniStack leaves out a parameter that is empty, and a tag's value may be.
        yield key, _text(parameters, f"Tags.member.{number}.Value")


def _members(parameters: Parameters, pattern: str) -> Iterator[str]:
    number = 1
    while (key := pattern.format(number)) in parameters:
        yield parameters[key][0]
        number += 1


def _name(parameters: Parameters, parameter: str = "ServerCertificateName") -> str:
    return _matching(NAME, parameters, parameter)


def _path(parameters: Parameters, parameter: str, default: str) -> str:
    return _matching(PATH, parameters, parameter, default)


def _matching(pattern: re.Pattern[str], parameters: Parameters, parameter: str, default: str = "") -> str:
    value = _text(parameters, parameter, default)
    if not pattern.fullmatch(value):
        raise IamError("ValidationError", f"The specified value for {parameter} is invalid: {value}")
    return value


def _text(parameters: Parameters, name: str, default: str = "") -> str:
    return parameters.get(name, [default])[0]
