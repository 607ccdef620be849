"""Custom::EdgeTest: runs the edge functions of a deploy in CloudFront's engine; a function that fails fails the deploy.

Each is created under a name of its own, which no distribution uses, tested, and deleted: those that viewers meet are
not touched before both have passed. This file is the entry of the function of Custom::ServerCertificate as well, whose
files lie beside it.
"""

import json
from typing import Any

import index
from aws import AwsError, ServerCertificateError, call, log
from responder import responder

LIMIT = 50
"""Percent of the time that a function may take; from there CloudFront may throttle it under load."""
RUNTIME = "cloudfront-js-2.0"


class EdgeTestError(Exception):
    """Text for CloudFormation's event."""


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return what the handler of the event's resource type returns."""
    if event["ResourceType"] != "Custom::EdgeTest":
        return index.handle(event, context)
    properties, used = event["ResourceProperties"], ""
    if event["RequestType"] == "Delete":
        for name in properties["Names"]:
            _delete(name)
    elif _rolls_back(event["StackId"]):
        used = "not tested in a rollback"
    else:
        where = properties["Functions"]
        content = call("s3", "get_object", Bucket=where["Bucket"], Key=where["Key"])["Body"].read()
        used = ", ".join(f"{one['Name']} {_tested(one)}" for one in json.loads(content))
    return {"PhysicalResourceId": "edge-test", "Data": {"ComputeUtilization": used}}


def _tested(function: dict[str, Any]) -> int:
    """Return the highest compute utilization of a function, in percent.

    Raises:
        EdgeTestError: it failed, answered nothing, or took too much.
        AwsError: CloudFront refuses the test.
    """
    name = function["Name"]
    _delete(name)  # what a test left that was ended from outside
    created = call(
        "cloudfront",
        "create_function",
        Name=name,
        FunctionConfig={"Comment": "Test of a deploy; may be deleted", "Runtime": RUNTIME},
        FunctionCode=function["Code"].encode(),
    )
    try:
        return max(_utilization(name, created["ETag"], one) for one in function["Events"])
    finally:
        _delete(name)


def _utilization(name: str, etag: str, event: dict[str, Any]) -> int:
    result = call(
        "cloudfront",
        "test_function",
        Name=name,
        IfMatch=etag,
        Stage="DEVELOPMENT",
        EventObject=json.dumps(event).encode(),
    )["TestResult"]
    asked = f"{event['request']['method']} {event['request']['uri']}"
    if message := result.get("FunctionErrorMessage"):
        raise EdgeTestError(f"CloudFront's engine cannot run {name} ({asked}): {message}. No viewer met it.")
    if not result.get("FunctionOutput"):
        raise EdgeTestError(f"{name} answers nothing to {asked}. No viewer met it.")
    used = int(result["ComputeUtilization"])
    log("tested", function=name, asked=asked, compute_utilization=used)
    if used >= LIMIT:
        raise EdgeTestError(
            f"{name} takes {used} % of the time that CloudFront gives a function ({asked}), and no more than "
            f"{LIMIT - 1} % is deployed. Offer fewer languages or pages."
        )
    return used


def _delete(name: str) -> None:
    try:
        etag = call("cloudfront", "describe_function", Name=name, Stage="DEVELOPMENT")["ETag"]
        call("cloudfront", "delete_function", Name=name, IfMatch=etag)
    except AwsError as error:
        if error.code != "NoSuchFunctionExists":
            # The next deploy deletes it, and one that is left over serves nobody.
            log("could not delete a function that was made for a test", name=name, error=str(error))


def _rolls_back(stack_id: str) -> bool:
    """Whether the code is that of before, which served viewers: a rollback must not fail."""
    (stack,) = call("cloudformation", "describe_stacks", StackName=stack_id)["Stacks"]
    return "ROLLBACK" in stack["StackStatus"]


handler = responder(handle, told=(ServerCertificateError, EdgeTestError))
