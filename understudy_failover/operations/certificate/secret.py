"""The secret of the private key: what is in it, and how a key gets there."""

from dataclasses import dataclass
from shlex import quote
from typing import Any, Literal

from botocore.exceptions import ClientError

from understudy_failover.operations.certificate.private_key import PrivateKey

Step = Literal["create the secret", "add a version", "make the version current", "nothing to do"]
CURRENT = "AWSCURRENT"


class SecretError(Exception):
    """The secret cannot take the key; the text says why."""


@dataclass(frozen=True)
class SecretPlan:
    """What has to be done for the secret's current version to be this key."""

    name: str
    step: Step
    version_id: str
    current_version_id: str | None


def restore_command(name: str) -> str:
    return f"`aws secretsmanager restore-secret --region us-east-1 --secret-id {quote(name)}`"


def plan(client: Any, name: str, key: PrivateKey) -> SecretPlan:
    """Looks and changes nothing; needs secretsmanager:DescribeSecret.

    Raises:
        SecretError: no key can be stored there.
        ClientError, BotoCoreError: AWS does not answer.
    """
    try:
        description = client.describe_secret(SecretId=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        if name.startswith("arn:"):
            raise SecretError(
                f"There is no secret {name}. Write the name of a new one into failover.toml; push creates it."
            ) from None
        return SecretPlan(name, "create the secret", key.version_id, None)
    if description.get("DeletedDate"):
        raise SecretError(
            f"Secret {name} is being deleted. Restore it ({restore_command(name)}), or "
            "write another name into failover.toml."
        )
    versions: dict[str, list[str]] = description.get("VersionIdsToStages", {})
    current = next((version for version, stages in versions.items() if CURRENT in stages), None)
    if current == key.version_id:
        step: Step = "nothing to do"
    elif key.version_id in versions:
        step = "make the version current"
    else:
        step = "add a version"
    return SecretPlan(name, step, key.version_id, current)


def apply(client: Any, planned: SecretPlan, key: PrivateKey) -> None:
    """Needs secretsmanager:PutSecretValue, and where the plan says so CreateSecret or UpdateSecretVersionStage."""
    if planned.step == "create the secret":
        client.create_secret(Name=planned.name, Description="Private key of the maintenance page's certificate")
    if planned.step in {"create the secret", "add a version"}:
        # The token becomes the version's id: a repetition of the same key adds nothing.
        client.put_secret_value(SecretId=planned.name, ClientRequestToken=planned.version_id, SecretString=key.pem)
    elif planned.step == "make the version current":
        client.update_secret_version_stage(
            SecretId=planned.name,
            VersionStage=CURRENT,
            MoveToVersionId=planned.version_id,
            **({"RemoveFromVersionId": planned.current_version_id} if planned.current_version_id else {}),
        )
