"""The recipients of alerts: the table [notifications] of failover.toml."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from understudy_failover.settings.aws_values import BadValueError, check_host_name
from understudy_failover.settings.keys import Key
from understudy_failover.settings.tables import Table

CHAT = "set up Amazon Q Developer in chat applications for the topic, or write the channel's email address in emails"
NEVER_CONFIRM = {
    "hooks.slack.com": CHAT,
    "webhook.office.com": CHAT,
    "outlook.office.com": CHAT,
    "logic.azure.com": CHAT,
    "api.powerplatform.com": CHAT,
    "chat.googleapis.com": "use emails, or a webhook of your own that confirms and forwards",
    "discord.com": "use emails, or a webhook of your own that confirms and forwards",
    "discordapp.com": "use emails, or a webhook of your own that confirms and forwards",
}
"""Domains of incoming webhooks that expect a JSON of their own: SNS's confirmation is refused there, and so nothing is
ever delivered. Their addresses are secrets besides.

https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
https://docs.aws.amazon.com/chatbot/latest/adminguide/what-is.html
"""


def _email(value: str) -> str:
    match = re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9.-]+)", value)
    if not match or "." not in match[1]:
        raise BadValueError("is not an email address", 'write it like "ops@example.net"')
    check_host_name(match[1].lower())
    return value


def _webhook(value: str) -> str:
    match = re.fullmatch(r"https://([^/:?#@]+)(:\d+)?([/?#][!-~]*)?", value)
    if not match or not value.isascii() or re.search(r"[\s\"<>]", value):
        raise BadValueError("is not an https:// address", 'write it like "https://hooks.example.net/understudy"')
    host = match[1].lower()
    check_host_name(host)
    for domain, instead in NEVER_CONFIRM.items():
        if host == domain or host.endswith(f".{domain}"):
            raise BadValueError(
                "belongs to a service that cannot confirm an SNS subscription, so it gets nothing", instead
            )
    return value


class Notifications(Table):
    """Recipients of alerts about outages, recoveries and conditions that an operator should check."""

    emails: Annotated[
        tuple[Annotated[str, AfterValidator(_email)], ...],
        Field(max_length=20),
        Key(
            "Email addresses. Each must confirm the subscription by the link that Amazon SNS sends.",
            allowed="up to 20 email addresses",
            example='["ops@example.net"]',
        ),
    ] = ()
    webhooks: Annotated[
        tuple[Annotated[str, AfterValidator(_webhook)], ...],
        Field(max_length=20),
        Key(
            "URLs that Amazon SNS posts JSON to. Each must confirm its subscription. This file is not secret: "
            "subscribe a URL with a token by hand (`aws sns subscribe`).",
            allowed="up to 20 https:// addresses",
            example='["https://hooks.example.net/understudy"]',
        ),
    ] = ()
    encrypted: Annotated[
        bool,
        Field(strict=True),
        Key(
            "Encrypts the topic at rest with its own KMS key, for 1 USD a month. Messages hold only names of "
            "servers and hosts; SNS always sends them over TLS.",
            allowed="true or false",
            example="true",
        ),
    ] = False
