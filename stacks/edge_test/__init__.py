"""Tests the edge functions of a deploy in CloudFront's own engine, before the functions that viewers use change.

CloudFront publishes code that its engine cannot run, and then answers every viewer with an empty 503.
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_TestFunction.html
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import CfnResource, aws_lambda as lambda_
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from understudy_failover.page import EdgeFunction, edge_function
from understudy_failover.settings import Settings

from ..custom_resource import custom_resource
from ..function_role import allow, global_arn

HANDLER = Path(__file__).parent / "handler"
NAMES: dict[EdgeFunction, str] = {"viewer-request.js": "request", "viewer-response.js": "response"}
"""Last part of the names of the test's temporary functions. Short: a name has 64 characters at most."""
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


class EdgeTest(Construct):
    """The test: both functions, with requests and responses for them, are an asset of the deploy."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        content = [
            {
                "Name": f"{settings.app}-test-{name}",
                "Code": edge_function(file, settings),
                "Events": events(file, settings),
            }
            for file, name in NAMES.items()
        ]
        with tempfile.TemporaryDirectory() as folder:
            # The CDK copies it into the cloud assembly at once, under the hash of its content.
            path = Path(folder) / "functions.edge"
            path.write_text(json.dumps(content), encoding="utf-8")
            self._asset = Asset(self, "Functions", path=str(path))
        self._names = [str(function["Name"]) for function in content]
        self.statements = (
            allow(
                *(f"cloudfront:{verb}Function" for verb in ("Create", "Delete", "Describe", "Test")),
                on=[global_arn(self, "cloudfront", "function", name) for name in self._names],
            ),
            # Every .edge file: during a rollback the old policy may be in force.
            allow("s3:GetObject", on=[self._asset.bucket.arn_for_objects("*.edge")]),
        )
        """The permissions of the function that runs the test."""

    def run_by(self, function: lambda_.IFunction) -> CfnResource:
        """Return the custom resource that runs the test, for resources to depend on."""
        return custom_resource(
            self,
            "Resource",
            type_="EdgeTest",
            function=function,
            purpose="Tests the edge functions in CloudFront's engine before viewers use them",
            properties={
                "Functions": {"Bucket": self._asset.s3_bucket_name, "Key": self._asset.s3_object_key},
                "Names": self._names,
            },
        )


def events(file: EdgeFunction, settings: Settings) -> list[dict[str, Any]]:
    """Return requests of every kind of client, or the bucket's responses to them.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
    """
    host, languages = min(settings.host_names).replace("*", "any"), ",".join(settings.page.languages)
    if file == "viewer-request.js":
        return [
            _event(host, "GET", "/", {"accept": BROWSER, "accept-language": f"{languages},*;q=0.1"}),
            _event(host, "GET", "/robots.txt", {"accept": "*/*"}),
            _event(host, "GET", "/api/orders", {"accept": "application/json", "origin": "https://app.example.net"}),
            _event(host, "POST", "/api/orders", {"content-type": "application/json", "accept": "*/*"}),
            _event(host, "POST", "/order", {"accept": BROWSER, "content-type": "application/x-www-form-urlencoded"}),
            _event(
                host,
                "OPTIONS",
                "/api/orders",
                {"origin": "https://app.example.net", "access-control-request-method": "PUT"},
            ),
        ]
    stored = {"content-type": "text/html", "etag": '"1"', "content-length": "1000", "accept-ranges": "bytes"}
    planned = stored | {"x-amz-meta-planned": "true", "x-amz-meta-ends-at": "2099-01-01T00:00:00Z"}
    page = _event(host, "GET", f"/web/{settings.page.languages[0]}.html", {"accept": BROWSER})
    api = _event(host, "GET", "/web/problem.json", {"accept": "application/json", "origin": "https://app.example.net"})
    problem = stored | {"content-type": "application/json"}
    return [
        event | {"response": {"statusCode": 200, "headers": _headers(headers), "cookies": {}}}
        for event, headers in ((page, stored), (page, planned), (api, problem))
    ]


def _event(host: str, method: str, uri: str, headers: Mapping[str, str]) -> dict[str, Any]:
    request = {"method": method, "uri": uri, "querystring": {}, "cookies": {}}
    return {
        "version": "1.0",
        "context": {"distributionDomainName": "d111111abcdef8.cloudfront.net", "distributionId": "EDFDVBD6EXAMPLE"},
        "viewer": {"ip": "198.51.100.7"},
        "request": {**request, "headers": _headers({"host": host, **headers})},
    }


def _headers(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in texts.items()}
