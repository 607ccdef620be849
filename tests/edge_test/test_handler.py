"""Custom::EdgeTest: what CloudFront's engine says of the functions decides about the deploy, and nothing is left."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.server_certificate.fake_aws import handler_module

FILE = Path(__file__).resolve().parents[2] / "stacks" / "edge_test" / "handler" / "edge_test.py"
FUNCTIONS = [
    {"Name": f"shop-test-{name}", "Code": f"of {name}", "Events": [{"request": {"method": "GET", "uri": "/"}}] * 2}
    for name in ("request", "response")
]
WELL = {"FunctionOutput": "{}", "ComputeUtilization": "7"}


class CloudFront:
    """Functions by name, and what a test of each says."""

    def __init__(self, error: Any) -> None:
        self.functions: dict[str, str] = {}
        self.results: dict[str, dict[str, str]] = {}
        self.tested: list[tuple[str, str]] = []
        self.stack_status = "UPDATE_IN_PROGRESS"
        self.fault = ""
        self._error = error

    def call(self, service: str, operation: str, **asked: Any) -> dict[str, Any]:
        """As aws.call."""
        if operation == self.fault:
            raise self._error(operation, "Throttling")
        if service == "s3":
            return {"Body": BytesIO(json.dumps(FUNCTIONS).encode())}
        if service == "cloudformation":
            return {"Stacks": [{"StackStatus": self.stack_status}]}
        name = asked["Name"]
        if operation == "create_function":
            assert name not in self.functions
            assert asked["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
            self.functions[name] = asked["FunctionCode"].decode()
            return {"ETag": f"of {name}"}
        if name not in self.functions:
            raise self._error(operation, "NoSuchFunctionExists")
        if operation == "describe_function":
            return {"ETag": f"of {name}"}
        assert asked["IfMatch"] == f"of {name}"
        if operation == "delete_function":
            del self.functions[name]
            return {}
        self.tested.append((name, self.functions[name]))
        return {"TestResult": self.results.get(name, WELL)}


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    handler_module("aws")  # the others lie beside it, as in Lambda
    spec = importlib.util.spec_from_file_location("edge_test", FILE)
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    yield loaded
    sys.modules.pop("edge_test", None)


@pytest.fixture
def cloudfront(module: Any, monkeypatch: pytest.MonkeyPatch) -> CloudFront:
    fake = CloudFront(module.AwsError)
    monkeypatch.setattr(module, "call", fake.call)
    return fake


def run(module: Any, request: str = "Create") -> dict[str, Any]:
    """One event."""
    properties = {
        "Functions": {"Bucket": "assets", "Key": "1.edge"},
        "Names": [function["Name"] for function in FUNCTIONS],
    }
    event = {
        "ResourceType": "Custom::EdgeTest",
        "RequestType": request,
        "StackId": "stack",
        "ResourceProperties": properties,
    }
    answer: dict[str, Any] = module.handle(event, None)
    return answer


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_every_event_is_tested_and_nothing_is_left(module: Any, cloudfront: CloudFront, request_type: str) -> None:
    cloudfront.functions["shop-test-request"] = "left by a test that was killed"
    cloudfront.results["shop-test-response"] = WELL | {"ComputeUtilization": "49"}
    answer = run(module, request_type)
    assert cloudfront.tested == [(f"shop-test-{name}", f"of {name}") for name in ("request", "response") for _ in "12"]
    assert answer["Data"] == {"ComputeUtilization": "shop-test-request 7, shop-test-response 49"}
    assert cloudfront.functions == {}


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"FunctionErrorMessage": 'SyntaxError: Token "of" not supported'}, 'Token "of" not supported'),
        ({"FunctionOutput": "", "ComputeUtilization": "1"}, "returns nothing"),
        (WELL | {"ComputeUtilization": "50"}, "takes 50 %"),
    ],
)
def test_a_function_that_fails_fails_the_deploy_and_is_deleted(
    module: Any, cloudfront: CloudFront, result: dict[str, str], words: str
) -> None:
    cloudfront.results["shop-test-response"] = result
    with pytest.raises(module.EdgeTestError, match=words):
        run(module)
    assert cloudfront.functions == {}


def test_a_rollback_tests_nothing(module: Any, cloudfront: CloudFront) -> None:
    cloudfront.stack_status = "UPDATE_ROLLBACK_IN_PROGRESS"
    run(module, "Update")
    assert cloudfront.tested == []


def test_what_a_test_left_goes_with_the_stack_and_holds_nothing_up(module: Any, cloudfront: CloudFront) -> None:
    cloudfront.functions["shop-test-request"] = "left"
    run(module, "Delete")
    assert cloudfront.functions == {}
    cloudfront.functions["shop-test-request"] = "left"
    cloudfront.fault = "delete_function"
    assert run(module, "Delete")["PhysicalResourceId"] == "edge-test"


def test_the_certificates_events_go_to_its_handler(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.index, "handle", lambda event, _: event)
    event = {"ResourceType": "Custom::ServerCertificate"}
    assert module.handle(event, None) is event
