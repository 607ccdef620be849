"""Custom::EdgeTest: runs the edge functions in CloudFront's engine; a function that fails makes the deploy fail.

Each function is created under a name that no distribution uses, tested, and deleted. The functions that viewers use do
not change before both tests pass. This file is also the entry of the function of Custom::ServerCertificate, whose files
are beside it.
"""

import json
from typing import Any

import index
from aws import AwsError, ServerCertificateError, call, log
from responder import responder

LIMIT = 50
"""Percent of CloudFront's time limit; from here on CloudFront may throttle the function under load."""
RUNTIME = "cloudfront-js-2.0"


class EdgeTestError(Exception):
    """The text is for CloudFormation's event."""


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the result of the handler of the event's resource type."""
    if event["ResourceType"] != "Custom::EdgeTest":
        return index.handle(event, context)
    properties, used = event["ResourceProperties"], ""
    if event["RequestType"] == "Delete":
        for name in properties["Names"]:
            _delete(name)
    elif _is_rolling_back(event["StackId"]):
        used = "not tested in a rollback"
    else:
        where = properties["Functions"]
        content = call("s3", "get_object", Bucket=where["Bucket"], Key=where["Key"])["Body"].read()
        used = ", ".join(f"{function['Name']} {_test(function)}" for function in json.loads(content))
    return {"PhysicalResourceId": "edge-test", "Data": {"ComputeUtilization": used}}


def _test(function: dict[str, Any]) -> int:
    """Return the highest compute utilization of a function, in percent.

    Raise EdgeTestError if it fails, returns nothing or takes too long, and AwsError if CloudFront refuses the test.
    """
    name = function["Name"]
    _delete(name)  # of a test that was interrupted
    created = call(
        "cloudfront",
        "create_function",
        Name=name,
        FunctionConfig={"Comment": "Test of a deploy; may be deleted", "Runtime": RUNTIME},
        FunctionCode=function["Code"].encode(),
    )
    try:
        return max(_utilization(name, created["ETag"], event) for event in function["Events"])
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
    request = f"{event['request']['method']} {event['request']['uri']}"
    if message := result.get("FunctionErrorMessage"):
        raise EdgeTestError(f"CloudFront's engine cannot run {name} ({request}): {message}. No viewer was affected.")
    if not result.get("FunctionOutput"):
        raise EdgeTestError(f"{name} returns nothing for {request}. No viewer was affected.")
    used = int(result["ComputeUtilization"])
    log("tested", function=name, request=request, compute_utilization=used)
    if used >= LIMIT:
        raise EdgeTestError(
            f"{name} takes {used} % of CloudFront's time limit ({request}); at most {LIMIT - 1} % is deployed. "
            "Offer fewer languages or pages."
        )
    return used


def _delete(name: str) -> None:
    try:
        etag = call("cloudfront", "describe_function", Name=name, Stage="DEVELOPMENT")["ETag"]
        call("cloudfront", "delete_function", Name=name, IfMatch=etag)
    except AwsError as error:
        if error.code != "NoSuchFunctionExists":
            # The next deploy deletes it, and no distribution uses it.
            log("could not delete the function of a test", name=name, error=str(error))


def _is_rolling_back(stack_id: str) -> bool:
    """Return whether the code is the previous code, which served viewers: a rollback must not fail."""
    (stack,) = call("cloudformation", "describe_stacks", StackName=stack_id)["Stacks"]
    return "ROLLBACK" in stack["StackStatus"]


handler = responder(handle, expected=(ServerCertificateError, EdgeTestError))
