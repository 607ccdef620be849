"""Events as CloudFormation sends them to the handler."""

import hashlib
from dataclasses import dataclass
from typing import Any

import trustme

from tests.server_certificate.fake_aws import Clock

APP = "shop"
PATH = f"/cloudfront/{APP}/"
SECRET = "shop/private-key"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Issued:
    """A certificate with its chain, its key, and the name that the construct would give it."""

    body: str
    chain: str
    key: str
    version: str = ""
    """Of the secret; none is named where it is empty."""

    @classmethod
    def by(cls, authority: trustme.CA) -> "Issued":
        """A new certificate for a new key."""
        issued = authority.issue_cert("www.example.com", key_type=trustme.KeyType.RSA)
        body, *chain = (pem.bytes().decode() for pem in issued.cert_chain_pems)
        return cls(body, "".join(chain), issued.private_key_pem.bytes().decode())

    @property
    def name(self) -> str:
        """`<app>-<digest>`."""
        return f"{APP}-{self.digest[:16]}"

    @property
    def digest(self) -> str:
        """SHA-256 of leaf and chain, which trustme writes in normal form."""
        return hashlib.sha256((self.body + self.chain).encode()).hexdigest()

    @property
    def key_of_file(self) -> str:
        """Of the public certificate among the assets."""
        return f"{self.digest}.pem"

    def properties(self) -> Answer:
        """Of the custom resource."""
        return {
            "ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:upload",
            "ServerCertificateName": self.name,
            "Path": PATH,
            "PublicHalf": {"Bucket": "assets", "Key": self.key_of_file},
            "ContentSha256": self.digest,
            "PrivateKeySecretId": SECRET,
            "Fingerprint": "for readers",
            **({"PrivateKeyVersionId": self.version} if self.version else {}),
        }

    def stored(self) -> dict[str, Any]:
        """As parameters of `FakeAws.store`."""
        chain = {"CertificateChain": self.chain} if self.chain else {}
        tags = [{"Key": "understudy:app", "Value": APP}]
        return {"ServerCertificateName": self.name, "Path": PATH, "CertificateBody": self.body, "Tags": tags, **chain}


@dataclass(frozen=True)
class Requests:
    """Sends the handler one event after the other."""

    handler: Any
    clock: Clock

    def create(self, certificate: Issued) -> Answer:
        """A first deploy."""
        return self._send({"RequestType": "Create", "ResourceProperties": certificate.properties()})

    def update(self, before: Issued, after: Issued) -> Answer:
        """A deploy with other properties; with the two swapped, its roll-back."""
        return self._send(
            {
                "RequestType": "Update",
                "PhysicalResourceId": before.name,
                "OldResourceProperties": before.properties(),
                "ResourceProperties": after.properties(),
            }
        )

    def delete(self, certificate: Issued, physical_resource_id: str | None = None) -> Answer:
        """The clean-up of a replaced resource, or the end of the stack."""
        return self._send(
            {
                "RequestType": "Delete",
                "PhysicalResourceId": physical_resource_id or certificate.name,
                "ResourceProperties": certificate.properties(),
            }
        )

    def _send(self, event: Answer) -> Answer:
        identity = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "ServerCertificate"}
        answer: Answer = self.handler.handle({**identity, **event}, self.clock)
        return answer
