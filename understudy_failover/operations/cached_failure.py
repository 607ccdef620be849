"""A resolver that gives no answer for a name which the zone's name servers answer: it may cache an old failure.

Measured: unbound 1.17 answers SERVFAIL for up to 10 minutes after its upstream failed, PowerDNS Recursor for up to 2
minutes after the name servers failed (docs/who-notices.md). That says nothing about the deployment.
"""

ANOTHER_RESOLVER = "ask another with `--resolver 1.1.1.1:53`"
TWO_RESOLVERS = "ask two others with `--resolver 1.1.1.1:53 --resolver 8.8.8.8:53`"
"""A single resolver cannot distinguish a cached failure from a wrong delegation."""


def cached_failure(resolver: object) -> str:
    return f"{resolver} gives no answer, but the name servers do: this resolver may keep a failure for 10 minutes"
