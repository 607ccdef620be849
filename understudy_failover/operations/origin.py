"""`understudy origin HOST`: how to reach the server itself while its clients see the maintenance page.

During an outage DNS leads you to the page, too. `origin` prints requests that use the server's own address.
"""

import argparse
import re
from ipaddress import IPv6Address
from typing import Any

from understudy_failover.operations.observation import ServedBy, probe_https
from understudy_failover.operations.reach import add_arguments, from_arguments
from understudy_failover.operations.terminal import Terminal
from understudy_failover.settings import Host, Server, Settings, load
from understudy_failover.settings.aws_values import MAX_NAME_CHARACTERS

PROBE_TIMEOUT_SECONDS = 10.0
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
"""That a wildcard covers and a client can ask for."""
EXAMPLES = """\
examples:
  understudy origin www.example.com          # how to reach its server
  understudy origin www.example.com --try    # and whether it answers now
  understudy origin www.example.com --hosts  # only lines for /etc/hosts
  understudy origin any.example.org          # a name that a wildcard covers
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "origin",
        help="how to reach a server itself while the page is up",
        description=__doc__,
        epilog=EXAMPLES,
    )
    parser.add_argument("host", metavar="HOST", help="a host name in failover.toml, or one that a wildcard covers")
    parser.add_argument("--try", dest="tries", action="store_true", help="ask the server at each of its addresses")
    parser.add_argument("--hosts", action="store_true", help="only lines for /etc/hosts")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    parser.add_settings_option()
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Return 0; 1 where with --try an address does not answer as the server; 2 where there is no such host."""
    terminal = Terminal(as_json=arguments.json)
    settings = load(arguments.settings)
    name = arguments.host.lower().rstrip(".")
    served = serving(settings, name)
    if served is None:
        terminal.fail(f"{arguments.settings} has no host {name}; it has {', '.join(settings.host_names)}")
        return 2
    server, host = served
    addresses = [str(address) for address in (server.ipv4, server.ipv6) if address]
    document = {"host": name, "server": server.name, "addresses": addresses, "hosts": lines(server, name)}
    document["curl"] = commands(server, name)
    text = "\n".join(lines(server, name)) if arguments.hosts else description(server, name)
    code = 0
    if arguments.tries:
        client = from_arguments(arguments).client(PROBE_TIMEOUT_SECONDS)
        # As the name that was asked for: a wildcard's own stands for any.
        asked = Host(name, host.zone)
        probes = {address: probe_https(asked, client, address) for address in addresses}
        document["visits"] = {address: str(probe) for address, probe in probes.items()}
        code = 0 if all(probe.served_by is ServedBy.SERVER for probe in probes.values()) else 1
        for address, probe in probes.items():
            mark = "✔" if probe.served_by is ServedBy.SERVER else "✘"
            terminal.say(f"{mark} {address}: {probe}", "green" if mark == "✔" else "red")
    terminal.result(text, document)
    return code


def serving(settings: Settings, name: str) -> tuple[Server, Host] | None:
    """Who stands behind a name: the exact one goes before a wildcard, as in DNS."""
    label, _, base = name.partition(".")
    is_covered = LABEL.fullmatch(label) and len(name) <= MAX_NAME_CHARACTERS
    for wanted in (name, *([f"*.{base}"] if is_covered else [])):
        for server in settings.servers:
            for host in server.hosts:
                if host.name == wanted:
                    return server, host
    return None


def lines(server: Server, name: str) -> list[str]:
    shown = name.replace("*", "NAME", 1)
    return [f"{address}  {shown}" for address in (server.ipv4, server.ipv6) if address]


def commands(server: Server, name: str) -> list[str]:
    shown = name.replace("*", "NAME", 1)
    return [
        # In quotes, as brackets mean something to zsh.
        f"curl --resolve '{shown}:443:[{address}]' https://{shown}/"
        if isinstance(address, IPv6Address)
        else f"curl --resolve {shown}:443:{address} https://{shown}/"
        for address in (server.ipv4, server.ipv6)
        if address
    ]


def description(server: Server, name: str) -> str:
    shown = name.replace("*", "NAME", 1)
    addresses = " and ".join(str(address) for address in (server.ipv4, server.ipv6) if address)
    requests = "\n".join(f"  {line}" for line in commands(server, name))
    entries = "\n".join(f"  {line}" for line in lines(server, name))
    return f"""\
{server.name} serves {name} at {addresses}, whatever DNS answers.

One request:
{requests}

A browser of its own, which leaves the machine as it is:
  chromium --user-data-dir="$(mktemp -d)" --host-resolver-rules="MAP {shown} {server.ipv4}" https://{shown}/

Everything on this machine, as long as these lines stand in /etc/hosts
(Windows: C:\\Windows\\System32\\drivers\\etc\\hosts). Take them out again:
{entries}"""
