"""A failover.toml of any size, to test cost and sharding.

Names depend only on numbers, so a larger file extends a smaller one.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from understudy_failover.rehearsal.certificates import CertificateAuthority

HOSTS_OF_SERVER = 10
HOSTS_OF_ZONE = 25
HOSTS_OF_PART = 100
"""Per certificate with its distribution."""
HOSTS_OF_STACK = 50
"""Per failover stack, which has about five resources for each."""
DAYS = 365
REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
"""The health checkers' regions: the fewest, as all are this machine."""


def host_name(number: int) -> str:
    """Return `h026.z01.example` for 26, in the second zone."""
    return f"h{number:03}.{zone_name(number // HOSTS_OF_ZONE)}"


def zone_name(number: int) -> str:
    """Return `z01.example` for 1."""
    return f"z{number:02}.example"


def write_settings(folder: Path, hosts: int) -> Path:
    """Write `failover.toml` with the first `hosts` host names, and their certificates, to `folder`; return the file.

    500 hosts are 50 servers, half of them with IPv6, in 20 zones, 5 certificates and 10 failover stacks.
    """
    authority = CertificateAuthority()
    for part in range(_count(hosts, HOSTS_OF_PART)):
        zones = {
            number // HOSTS_OF_ZONE for number in range(part * HOSTS_OF_PART, min((part + 1) * HOSTS_OF_PART, hosts))
        }
        names = tuple(f"*.{zone_name(zone)}" for zone in sorted(zones))
        authority.issue(names, days=DAYS).write_public_files(folder / "certificates" / _part(part))
    return write_text(folder, range(hosts))


def write_text(folder: Path, hosts: Sequence[int]) -> Path:
    """Write only `failover.toml`, with the hosts of these numbers; return the file."""
    path = folder / "failover.toml"
    path.write_text("\n".join(_tables(hosts)), encoding="utf-8")
    return path


def _tables(hosts: Sequence[int]) -> Iterator[str]:
    yield 'app = "large"\n\n[timing]\nprofile = "fast"\n'
    for part in sorted({number // HOSTS_OF_PART for number in hosts}):
        table = "[[certificates]]" if part else "[certificate]"
        yield f'{table}\nname = "{_part(part)}"\nprivate_key_secret = "large/{_part(part)}"\n'
    for zone in sorted({number // HOSTS_OF_ZONE for number in hosts}):
        yield f'[[zones]]\nname = "{zone_name(zone)}"\nid = "Z0LARGE{zone:04}"\n'
    for server in sorted({number // HOSTS_OF_SERVER for number in hosts}):
        of_server = [number for number in hosts if number // HOSTS_OF_SERVER == server]
        ipv6 = f'ipv6 = "2001:db8::{server + 1:x}"\n' if server % 2 else ""
        number = of_server[0] // HOSTS_OF_STACK
        stack = f'stack = "stack-{number + 1}"\n' if number else ""
        names = json.dumps([host_name(number) for number in of_server])
        yield f'[[servers]]\nname = "s{server:02}"\nipv4 = "203.0.113.{server + 1}"\n{ipv6}{stack}hosts = {names}'
        checked_host = json.dumps(host_name(min(of_server)))
        yield f"health_check = {{ host_name = {checked_host}, regions = {json.dumps(REGIONS)} }}\n"


def _part(number: int) -> str:
    return f"part-{number + 1}"


def _count(hosts: int, each: int) -> int:
    return -(-hosts // each)
