"""What somebody with credentials of a role would call; each call does nothing where it is allowed."""

import base64
from collections.abc import Callable, Mapping

from tests.rehearsal.leaks.deployers import assumes_the_deploy_role
from tests.rehearsal.leaks.keys import reads_the_key
from tests.rehearsal.leaks.world import (
    World,
)
from tests.rehearsal.verifying import distribution
from understudy_failover.contract.switch import FOLDER
from understudy_failover.rehearsal.bed import ACCOUNT


def _replaces_the_key(world: World, role: str) -> object:
    """By the one that is there already."""
    secret = world.bed.settings.certificate.private_key_secret
    there = world.bed.aws.client("secretsmanager").get_secret_value(SecretId=secret)
    return world.client(role, "secretsmanager").put_secret_value(
        SecretId=secret, SecretString=there["SecretString"], ClientRequestToken=there["VersionId"]
    )


def _s3(operation: str, bucket: str, key: str) -> Callable[[World, str], object]:
    # S3 looks at the digest after the permission: nothing is written.
    content = {"Body": b"x", "ContentMD5": base64.b64encode(b"0" * 16).decode()} if operation == "put_object" else {}
    return lambda world, role: getattr(world.client(role, "s3"), operation)(
        Bucket=world.buckets[bucket], Key=key, **content
    )


def _changes_the_distribution(world: World, role: str) -> object:
    there = distribution(world.bed)
    return world.client(role, "cloudfront").update_distribution(
        Id=there["Id"], IfMatch="another", DistributionConfig=there["DistributionConfig"]
    )


def _changes_a_function(world: World, role: str) -> object:
    return world.client(role, "cloudfront").delete_function(Name=f"{world.bed.settings.app}-none", IfMatch="another")


def _changes_a_role(world: World, role: str) -> object:
    return world.client(role, "iam").delete_role_policy(RoleName=f"{world.bed.settings.app}-switch", PolicyName="none")


CALLS: Mapping[str, Callable[[World, str], object]] = {
    "read the private key": reads_the_key,
    "replace the private key": _replaces_the_key,
    "write pages": _s3("put_object", "site", "web/none.html"),
    "delete pages": _s3("delete_object", "site", "web/none.html"),
    "read pages": _s3("get_object", "site", "web/en.html"),
    "turn switches on": _s3("put_object", "switch", f"{FOLDER}web"),
    "turn switches off": _s3("delete_object", "switch", f"{FOLDER}web"),
    "read switches": _s3("get_object", "switch", f"{FOLDER}web"),
    "put other objects beside the switches": _s3("put_object", "switch", f"{FOLDER}login.html"),
    "read access logs": _s3("get_object", "logs", "cloudfront/E1.gz"),
    "delete access logs": _s3("delete_object", "logs", "cloudfront/E1.gz"),
    "change distributions": _changes_the_distribution,
    "change edge functions": _changes_a_function,
    "change roles": _changes_a_role,
    "read templates": lambda world, role: world.client(role, "cloudformation").get_template(
        StackName=f"{world.bed.settings.app}-failover"
    ),
    "read every CDK asset of the account": lambda world, role: world.client(role, "s3").get_object(
        Bucket=f"cdk-hnb659fds-assets-{ACCOUNT}-us-east-1", Key="none.zip"
    ),
    "deploy as the bootstrap's roles may": assumes_the_deploy_role,
}
BY_RULES = {
    "delete certificates of this app",
    "upload certificates of this app",
    "delete certificates of other apps",
    "change the addresses of the hosts",
    "change other record sets",
    "change mail records",
    "answer challenges of a CA",
    "publish false metrics",
}
"""Those for which MiniStack has no condition key, or not the path of the resource: tests/docs/test_threat_model.py."""
