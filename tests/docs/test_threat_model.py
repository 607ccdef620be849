"""docs/threat-model.md: what each leaked role can do is what its policies allow, as IAM evaluates them."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.iam import ACCOUNT, may, pipeline_roles, stack_roles
from tests.stacks.templates import ROOT, Synthesis, synthesise

APP = "understudy-example"
ZONE = "arn:aws:route53:::hostedzone/Z0EXAMPLECOM00000001"
SITE, SWITCH, LOGS = (
    f"arn:aws:s3:::{APP}-{name}"
    for name in (
        "maintenance-sitebucket978d4aeb-abcdefghijkl",
        f"switch-{ACCOUNT}",
        "maintenance-accesslogsbucket0123abcd-abcdefghijkl",
    )
)
ASSETS = f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-us-east-1"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:understudy/example/private-key-AbCdEf"
CERTIFICATE = f"arn:aws:iam::{ACCOUNT}:server-certificate/cloudfront/{APP}/{APP}-0123456789abcdef"
PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "App": APP,
    "Qualifier": "hnb659fds",
    "PrivateKeySecret": "understudy/example/private-key",
    "HostedZoneArns": ZONE,
}


def _records(name: str, type_: str, action: str) -> Mapping[str, list[str]]:
    values = {"NormalizedRecordNames": name, "RecordTypes": type_, "Actions": action}
    return {f"route53:ChangeResourceRecordSets{key}": [value] for key, value in values.items()}


CHANGE = "route53:ChangeResourceRecordSets"
ABILITIES: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "read the private key": ("secretsmanager:GetSecretValue", SECRET, {}),
    "replace the private key": ("secretsmanager:PutSecretValue", SECRET, {}),
    "delete certificates of this app": ("iam:DeleteServerCertificate", CERTIFICATE, {}),
    "upload certificates of this app": ("iam:UploadServerCertificate", CERTIFICATE, {}),
    "delete certificates of other apps": ("iam:DeleteServerCertificate", CERTIFICATE.replace(APP, "other"), {}),
    "write pages": ("s3:PutObject", f"{SITE}/web/en.html", {}),
    "delete pages": ("s3:DeleteObject", f"{SITE}/web/en.html", {}),
    "read pages": ("s3:GetObject", f"{SITE}/web/en.html", {}),
    "turn switches on": ("s3:PutObject", f"{SWITCH}/.understudy/switch/web", {}),
    "turn switches off": ("s3:DeleteObject", f"{SWITCH}/.understudy/switch/web", {}),
    "read switches": ("s3:GetObject", f"{SWITCH}/.understudy/switch/web", {}),
    "put other objects beside the switches": ("s3:PutObject", f"{SWITCH}/.understudy/switch/evil.html", {}),
    "read access logs": ("s3:GetObject", f"{LOGS}/cloudfront/E1.gz", {}),
    "delete access logs": ("s3:DeleteObject", f"{LOGS}/cloudfront/E1.gz", {}),
    "change the addresses of the hosts": (CHANGE, ZONE, _records("www.example.com", "A", "CREATE")),
    "change other record sets": (CHANGE, ZONE, _records("mail.example.com", "A", "CREATE")),
    "change mail records": (CHANGE, ZONE, _records("example.com", "MX", "CREATE")),
    "answer challenges of a CA": (CHANGE, ZONE, _records("_acme-challenge.www.example.com", "TXT", "UPSERT")),
    "publish false metrics": ("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "Understudy"}),
    "change distributions": ("cloudfront:UpdateDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", {}),
    "change edge functions": ("cloudfront:UpdateFunction", f"arn:aws:cloudfront::{ACCOUNT}:function/{APP}-x", {}),
    "change roles": ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/{APP}-switch", {}),
    "read templates": (
        "cloudformation:GetTemplate",
        f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{APP}-failover/0",
        {},
    ),
    "read every CDK asset of the account": ("s3:GetObject", f"{ASSETS}/{64 * '0'}.zip", {}),
    "deploy as the bootstrap's roles may": (
        "sts:AssumeRole",
        f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1",
        {},
    ),
}
"""What somebody with leaked credentials would try: in the words of the page, with the request."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Synthesis:
    return synthesise(ROOT / "tests/sample/failover.toml", tmp_path_factory.mktemp("assembly"))


def test_each_role_can_do_what_the_page_says_and_nothing_else(sample: Synthesis) -> None:
    names = {}
    for begins, arn in (("Site", SITE), ("Switch", SWITCH), ("AccessLogs", LOGS)):
        logical_id, _ = sample.maintenance.only("AWS::S3::Bucket", begins)
        names[f"<{logical_id}.Arn>"] = arn
    roles = {
        **stack_roles(sample.maintenance, names),
        **stack_roles(sample.failover, names),
        **pipeline_roles(PARAMETERS),
    }
    able = {
        role: {
            ability
            for ability, (action, resource, keys) in ABILITIES.items()
            if may(statements, action, resource, keys)
        }
        for role, statements in roles.items()
    }
    text = (Path(ROOT) / "docs" / "threat-model.md").read_text(encoding="utf-8")
    said = {role: set(cell.split("; ")) for role, cell in re.findall(r"^\| `(\w+)` \| (.+?) \|", text, re.MULTILINE)}
    assert said == able
    tried = {action for actions in able.values() for action in actions}
    assert "None of these roles can " + ", ".join(sorted(ABILITIES.keys() - tried)) + "." in " ".join(text.split())
