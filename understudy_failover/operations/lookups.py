"""What several commands ask AWS's APIs. Each function raises ClientError or BotoCoreError where AWS does not answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError
from cryptography import x509


def members(client: Any, operation: str, *keys: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield the members of every page, which are under `keys` in it."""
    for page in client.get_paginator(operation).paginate(**arguments):
        for key in keys:
            page = page.get(key, {})  # noqa: PLW2901
        yield from page


def stack(cloudformation: Any, name: str) -> dict[str, Any] | None:
    """Return a stack as DescribeStacks describes it; None: it does not exist."""
    try:
        (description,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # how CloudFormation says: no such stack
            return None
        raise
    return dict(description)


def outputs(stack: Mapping[str, Any] | None) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in (stack or {}).get("Outputs", [])}


def stack_resources(cloudformation: Any, name: str) -> Iterator[dict[str, Any]]:
    return members(cloudformation, "list_stack_resources", "StackResourceSummaries", StackName=name)


def health_checks(route53: Any) -> dict[str, dict[str, Any]]:
    """Return the HealthCheckConfig of every health check of the account, by id."""
    return {check["Id"]: check["HealthCheckConfig"] for check in members(route53, "list_health_checks", "HealthChecks")}


def distributions(cloudfront: Any) -> Iterator[dict[str, Any]]:
    return members(cloudfront, "list_distributions", "DistributionList", "Items")


def server_certificates(iam: Any, path: str) -> list[dict[str, Any]]:
    """Return the metadata of IAM's certificates under `path`."""
    return [*members(iam, "list_server_certificates", "ServerCertificateMetadataList", PathPrefix=path)]


def certificate_path(iam: Any, name: str) -> list[x509.Certificate]:
    """Return leaf and chain of a certificate in IAM."""
    answer = iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
    pem = f"{answer['CertificateBody']}\n{answer.get('CertificateChain', '')}"
    return x509.load_pem_x509_certificates(pem.encode())


def domain_conflicts(cloudfront: Any, distribution_id: str, domain: str) -> list[dict[str, Any]]:
    """Return `Domain`, `ResourceId` (partly hidden, as `*******A1B2C3`) and `AccountId` of each name that overlaps.

    `domain` may be a wildcard. Needs cloudfront:ListDomainConflicts, and a distribution of one's own.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDomainConflicts.html
    """
    own = {"DistributionId": distribution_id}
    operation, key = "list_domain_conflicts", "DomainConflicts"
    return [*members(cloudfront, operation, key, Domain=domain, DomainControlValidationResource=own)]
