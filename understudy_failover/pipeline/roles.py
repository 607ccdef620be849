"""The IAM roles of the pipelines' jobs: the source of roles.yaml, which `python -m docs.generate_roles` writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy_failover.operations.permissions import COMMANDS, DEPLOY, LISTS, STACKS, ZONE, Need

READ_TEMPLATES = (Need("cloudformation:DescribeStacks", STACKS), *COMMANDS["diff, gate, destroy"])
"""For the gate and `cdk diff --fail`, which read the stacks without the bootstrap's roles."""
CHALLENGE = (
    Need("route53:ListHostedZones", "*", why_any=LISTS),
    Need("route53:GetChange", "arn:aws:route53:::change/*"),
)
"""https://certbot-dns-route53.readthedocs.io/en/stable/#credentials"""
CHALLENGE_RECORDS = Need("route53:ChangeResourceRecordSets", ZONE)
ONLY_CHALLENGES = {
    # ForAllValues alone is true where a key is missing.
    "Null": {
        "route53:ChangeResourceRecordSetsRecordTypes": "false",
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": "false",
    },
    "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]},
    "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]},
}
"""https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html"""


@dataclass(frozen=True)
class Role:
    """The role of a job, with the ends of its token's subject on GitHub and GitLab; `*` is a wildcard."""

    description: str
    github: str
    gitlab: str
    needs: tuple[Need, ...]
    conditional: tuple[tuple[Need, Mapping[str, Any]], ...] = ()
    on_main: bool = True
    """Whether the token must be of the branch `Branch`, on GitHub as a separate claim: any branch can use an
    unprotected environment."""


MAIN_ON_GITLAB = "ref_type:branch:ref:${Branch}"
ROLES: Mapping[str, Role] = {
    "Diff": Role(
        "Reads the deployed templates for the diff of a pull request",
        github="pull_request",
        gitlab="ref_type:branch:ref:*",
        needs=READ_TEMPLATES,
        on_main=False,
    ),
    "Deploy": Role(
        "Deploys what is merged by the roles of the CDK's bootstrap, and verifies it",
        github="environment:production",
        gitlab=MAIN_ON_GITLAB,
        needs=(*READ_TEMPLATES, *DEPLOY, *COMMANDS["verify"]),
    ),
    "Watch": Role(
        "Looks every night whether AWS is what the main branch says",
        github="ref:refs/heads/${Branch}",
        gitlab=MAIN_ON_GITLAB,
        needs=(*READ_TEMPLATES, *COMMANDS["verify"]),
    ),
    "Renew": Role(
        "Answers the certificate authority by DNS, and stores the key of a new certificate",
        github="environment:renewal",
        gitlab=MAIN_ON_GITLAB,
        needs=(*COMMANDS["certificate push"], *CHALLENGE),
        conditional=((CHALLENGE_RECORDS, ONLY_CHALLENGES),),
    ),
}
