#!/usr/bin/env bash
# dnslib's ZoneResolver denies the whole name when only the queried type is missing
#
# Versions: dnslib 0.9.26 (server), dnspython 2.9.2 (client).
# Question: what does the zone-file server of dnslib answer to AAAA for a name that has an A record only?
# Usual guess: NOERROR with an empty answer (NODATA) and the SOA record in the authority section, as in RFC 2308.
# Seen (2026-11-29): NXDOMAIN with an empty authority section. dnspython raises NXDOMAIN, not NoAnswer. The A query for
#   the same name succeeds. With no SOA record, the negative answer has no TTL of its own.
# Source: RFC 2308 sections 2.1 and 2.2 and RFC 8020 section 2 (NXDOMAIN means: the name has no record of any type);
#   https://github.com/paulc/dnslib (dnslib/zoneresolver.py).
# For DNS failover: a rehearsal against this server can break resolvers that apply RFC 8020 to A queries, and it
#   says nothing about negative caching at Route 53, which answers NODATA with the SOA record.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dnslib==0.9.26 dnspython==2.9.2

venv/bin/python - <<'PYTHON'
import sys

import dns.message
import dns.query
import dns.rcode
import dns.resolver
from dnslib.server import DNSLogger, DNSServer
from dnslib.zoneresolver import ZoneResolver

ZONE = """
example.com. 900 IN SOA ns1.example.net. hostmaster.example.com. 1 7200 900 1209600 86400
www.example.com. 30 IN A 192.0.2.1
"""
server = DNSServer(ZoneResolver(ZONE), address="127.0.0.1", port=0, logger=DNSLogger("-request,-reply"))
server.start_thread()
port = server.server.server_address[1]


def ask(rdata_type: str) -> tuple[str, int, int]:
    """Return the response code, the number of answers and the number of authority records."""
    reply = dns.query.udp(dns.message.make_query("www.example.com.", rdata_type), "127.0.0.1", port=port, timeout=10)
    return dns.rcode.to_text(reply.rcode()), len(reply.answer), len(reply.authority)


resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], port
try:
    resolver.resolve("www.example.com.", "AAAA", search=False)
    raised = "nothing"
except dns.resolver.NoAnswer:
    raised = "NoAnswer"
except dns.resolver.NXDOMAIN:
    raised = "NXDOMAIN"

seen = {"A": ask("A"), "AAAA": ask("AAAA"), "dnspython raises": raised}
server.stop()
print(seen)
expected = {"A": ("NOERROR", 1, 0), "AAAA": ("NXDOMAIN", 0, 0), "dnspython raises": "NXDOMAIN"}
if seen != expected:
    sys.exit(f"CHANGED: expected {expected}")
PYTHON
echo "As recorded: a missing type is answered as a missing name."
