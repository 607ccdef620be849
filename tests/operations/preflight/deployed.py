"""What looks deployed: a distribution, and the maintenance stack as far as its outputs go, each for a `with` block."""

import json
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]
"""Answers a boto3 client."""


class Distribution:
    """One of somebody else's, for the length of a block."""

    def __init__(self, client: Client, *aliases: str, server_certificate_id: str = "") -> None:
        self._cloudfront = client("cloudfront")
        self._aliases = list(aliases)
        self._certificate = {"IAMCertificateId": server_certificate_id} if server_certificate_id else {}

    def __enter__(self) -> str:
        origin = {"Id": "one", "DomainName": "example.net", "S3OriginConfig": {"OriginAccessIdentity": ""}}
        created = self._cloudfront.create_distribution(
            DistributionConfig={
                "CallerReference": str(self._aliases),
                "Comment": "",
                "Enabled": True,
                "Aliases": {"Quantity": len(self._aliases), "Items": self._aliases},
                "Origins": {"Quantity": 1, "Items": [origin]},
                "ViewerCertificate": self._certificate,
                "Logging": {
                    "Enabled": True,
                    "IncludeCookies": False,
                    "Bucket": "logs.s3.us-east-1.amazonaws.com",
                    "Prefix": "",
                },
                "DefaultCacheBehavior": {"TargetOriginId": "one", "ViewerProtocolPolicy": "allow-all"},
            }
        )
        self.identifier = str(created["Distribution"]["Id"])
        return self.identifier

    def __exit__(self, *_: object) -> None:
        answer = self._cloudfront.get_distribution_config(Id=self.identifier)
        answer["DistributionConfig"]["Enabled"] = False
        etag = self._cloudfront.update_distribution(
            Id=self.identifier, IfMatch=answer["ETag"], DistributionConfig=answer["DistributionConfig"]
        )["ETag"]
        self._cloudfront.delete_distribution(Id=self.identifier, IfMatch=etag)


class MaintenanceStack:
    """The maintenance stack, as far as its outputs go, for the length of a block."""

    def __init__(self, client: Client, distribution: str) -> None:
        self._cloudformation = client("cloudformation")
        self._template = {
            "Resources": {"Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}},
            "Outputs": {
                "DistributionId": {"Value": distribution},
                "DistributionDomainName": {"Value": "d1.cloudfront.net"},
            },
        }
        self._name = "understudy-example-maintenance"

    def __enter__(self) -> None:
        self._cloudformation.create_stack(StackName=self._name, TemplateBody=json.dumps(self._template))
        self._cloudformation.get_waiter("stack_create_complete").wait(StackName=self._name)

    def __exit__(self, *_: object) -> None:
        self._cloudformation.delete_stack(StackName=self._name)
        self._cloudformation.get_waiter("stack_delete_complete").wait(StackName=self._name)
