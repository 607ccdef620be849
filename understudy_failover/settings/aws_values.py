"""Checks names, addresses, ids and paths by AWS's rules, without a request."""

import json
import re
import unicodedata
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
MAX_NAME_CHARACTERS = 253

# Route 53 refuses to check what RFC 5735, RFC 6598 and RFC 5156 set apart:
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
# `ipaddress.is_private` and `is_global` do not serve here. They also set apart the documentation ranges
# (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32), which the shipped sample uses so that it
# can never point at somebody's machine, and their answers change between versions of Python. So does the way
# Python writes a network, which is why these are texts.
REFUSED_IPV4 = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.88.99.0/24": "6to4 relay",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarks",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
REFUSED_IPV6 = {
    "::1/128": "loopback",
    "::ffff:0:0/96": "an IPv4 address in IPv6 form",
    "2001::/32": "Teredo",
    "2002::/16": "6to4",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
GLOBAL_UNICAST_IPV6 = IPv6Network("2000::/3")


ZONE_ID = re.compile(r"Z[A-Z0-9]{1,31}")
URL_PATH = re.compile(r"/[!-~]{0,254}")
SECRET = re.compile(
    # Below AWS's limit of 512 characters, so that a private key is not a valid name.
    r"[A-Za-z0-9/_+=.@-]{1,128}"
    r"|arn:aws:secretsmanager:us-east-1:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,128}-[A-Za-z0-9]{6}"
)


class BadValueError(ValueError):
    """An invalid value: what is wrong, and how to fix it."""

    def __init__(self, wrong: str, fix: str) -> None:
        super().__init__(f"{wrong}; {fix}")
        self.wrong = wrong
        self.fix = fix


def check_host_name(name: str, *, wildcard: bool = False) -> str:
    """Return `name` if it is a lower-case DNS name of at least two labels. Raise BadValueError otherwise.

    With `wildcard`, `*` may be the whole leftmost label.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    """
    if re.search(r"[/:@?#\s]", name):
        raise BadValueError("is more than a host name", "write the name alone: no https://, port, path or blank")
    if name.endswith("."):
        raise BadValueError("ends in a dot", f"write {_quoted(name.rstrip('.'))}")
    if name != name.lower():
        raise BadValueError("is not lower case", f"write {_quoted(punycode(name))}")
    if not name.isascii():
        raise BadValueError("has letters beyond a–z", f"write its punycode form {_quoted(punycode(name))}")
    if "*" in name:
        if not wildcard:
            raise BadValueError("is a wildcard", "write one concrete name")
        if not name.startswith("*.") or "*" in name[1:]:
            raise BadValueError("has * in another place than the whole first label", 'write it like "*.example.com"')
    labels = name.removeprefix("*.").split(".")
    if len(labels) < 2:
        raise BadValueError("is not a full name", 'write it with its domain, like "www.example.com"')
    if labels[-1].isdigit():
        raise BadValueError("is an address, not a name", 'write the host name, like "www.example.com"')
    if len(name) > MAX_NAME_CHARACTERS:
        raise BadValueError(f"is {len(name)} characters long", f"use a name of at most {MAX_NAME_CHARACTERS}")
    for label in labels:
        if not LABEL.fullmatch(label):
            raise BadValueError(
                f"has the invalid label {_quoted(label)}", "give each label 1–63 of a–z, 0–9 and inner -"
            )
    return name


def punycode(name: str) -> str:
    """Return the form of `name` in DNS: lower case, labels with other letters as `xn--…`.

    Python's own `idna` codec knows the rules of 2003 alone and would turn `ß` into `ss`: another domain.
    """
    labels = unicodedata.normalize("NFC", name.lower()).split(".")
    return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in labels)


def longest_zone(host_name: str, zone_names: Iterable[str]) -> str | None:
    """Return the most specific of `zone_names` that contains `host_name`, or None."""
    holding = (zone for zone in zone_names if f".{host_name}".endswith(f".{zone}"))
    return max(holding, key=len, default=None)


def check_ipv4(text: str) -> IPv4Address:
    """Return the public IPv4 address in `text`. Raise BadValueError otherwise."""
    try:
        address = IPv4Address(text)
    except AddressValueError:
        raise BadValueError("is not an IPv4 address", "write four numbers, like 203.0.113.10") from None
    for network, kind in REFUSED_IPV4.items():
        if address in IPv4Network(network):
            raise _not_public(f"{network} ({kind})")
    return address


def check_ipv6(text: str) -> IPv6Address:
    """Return the public IPv6 address in `text`. Raise BadValueError otherwise."""
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise BadValueError("is not an IPv6 address", "write one like 2001:db8::10, or leave ipv6 out") from None
    for network, kind in REFUSED_IPV6.items():
        if address in IPv6Network(network):
            raise _not_public(f"{network} ({kind})")
    if address not in GLOBAL_UNICAST_IPV6 or address.scope_id:
        raise _not_public("no range of public addresses")
    return address


def check_zone_id(text: str) -> str:
    """Return `text` if it is a hosted zone id for CloudFormation. Raise BadValueError otherwise."""
    bare = text.removeprefix("/hostedzone/")
    if ZONE_ID.fullmatch(text):
        return text
    if ZONE_ID.fullmatch(bare):
        raise BadValueError("has a prefix", f"write {_quoted(bare)} alone")
    raise BadValueError("is not a hosted zone id", "copy it from Route 53 (aws route53 list-hosted-zones)")


def check_path(text: str) -> str:
    """Return `text` if it is a path for a health check. Raise BadValueError otherwise.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    """
    if not text.startswith("/"):
        raise BadValueError('does not begin with "/"', f"write {_quoted('/' + text)}")
    if not URL_PATH.fullmatch(text) or "#" in text:
        raise BadValueError(
            "is too long or holds characters that no URL has", "shorten it, or write them as %20 and so on"
        )
    return text


def check_secret(text: str) -> str:
    """Return `text` if it names a secret in us-east-1. Raise BadValueError otherwise."""
    if not SECRET.fullmatch(text):
        raise BadValueError("names no secret in us-east-1", "copy its name or ARN from Secrets Manager there")
    return text


def _not_public(where: str) -> BadValueError:
    return BadValueError(
        f"is in {where}, where Route 53 checks nothing", "write the address at which the internet reaches the server"
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
