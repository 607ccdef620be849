"""Addresses of recipients: each as SNS takes it, and each once."""

from pathlib import Path

import pytest

from tests.settings.samples import changed, problems_from


@pytest.mark.parametrize(
    "address", ["ops", "ops@localhost", "Ops <ops@example.net>", "@example.net", "a b@example.net"]
)
def test_what_is_no_email_address_is_refused_at_its_place(folder: Path, address: str) -> None:
    [problem] = problems_from(folder, changed("notifications.emails", ["ok@example.net", address]))
    assert problem.place == ("notifications", "emails", 1)
    assert (problem.wrong, problem.fix) == ("is not an email address", 'write it like "ops@example.net"')


@pytest.mark.parametrize(
    "address", ["http://hooks.example.net/", "hooks.example.net", "https://user:word@hooks.example.net/", "https://"]
)
def test_a_webhook_is_an_https_address_without_user_and_password(folder: Path, address: str) -> None:
    [problem] = problems_from(folder, changed("notifications.webhooks", [address]))
    assert problem.wrong == "is not an https:// address"


@pytest.mark.parametrize(("key", "value"), [("emails", "ops@example.net"), ("webhooks", "https://hooks.example.net/")])
def test_an_address_stands_once(folder: Path, key: str, value: str) -> None:
    [problem] = problems_from(folder, changed(f"notifications.{key}", [value, value]))
    assert problem.wrong == f"stands already in notifications.{key}[0]"


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T00/B00/XXXX",
        "https://discord.com/api/webhooks/1/abc",
        "https://example.webhook.office.com/webhookb2/1",
        "https://prod-1.westeurope.logic.azure.com/workflows/1",
    ],
)
def test_a_webhook_of_a_service_that_cannot_confirm_a_subscription_is_refused_with_what_to_use(
    folder: Path, address: str
) -> None:
    [problem] = problems_from(folder, changed("notifications.webhooks", [address]))
    assert "cannot confirm an SNS subscription" in problem.wrong
    assert "emails" in problem.fix
