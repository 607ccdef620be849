"""Other names that a failover affects, each with what happens to it; the advice followed removes the finding."""

import re
import shlex
from collections.abc import Sequence

import pytest

from tests.operations.recorded import alias, record
from understudy_failover.operations.dependent_names import DependentName, dependent_names
from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.settings import Host, Settings

COM, ORG = "Z0EXAMPLECOM00000001", "Z0EXAMPLEORG00000001"
PAIRS = [
    record("example.com", "A", "203.0.113.10", Failover="PRIMARY", SetIdentifier="server"),
    record("www.example.com", "A", "203.0.113.10", Failover="PRIMARY", SetIdentifier="server"),
]


def dependents(settings: Settings, *more: RecordSet, hosts: Sequence[str] | None = None) -> list[DependentName]:
    return dependent_names(settings, {COM: [*PAIRS, *more]}, hosts)


LEADING = {
    "a CNAME": (record("blog.example.com", "CNAME", "www.example.com."), "TLS error", "www.example.com"),
    "an alias": (alias("old.example.com", "www.example.com"), "TLS error", "www.example.com"),
    "a mail server": (record("example.com", "MX", "10 www.example.com."), "mail", "www.example.com"),
    "a service": (record("_sip._tcp.example.com", "SRV", "10 5 5060 example.com."), "HTTP alone", "example.com"),
    "a delegation": (
        record("dev.example.com", "NS", "ns1.other.example.", "www.example.com."),
        "name server",
        "www.example.com",
    ),
    "SPF by a": (record("example.com", "TXT", '"v=spf1 a -all"'), "SPF a means", "example.com"),
    "SPF by a name": (record("x.example.com", "TXT", '"v=spf1 a:www.example.com/28 -all"'), "SPF", "www.example.com"),
    "an HTTPS record": (record("other.example.com", "HTTPS", "0 www.example.com."), "TLS error", "www.example.com"),
    "a wildcard above": (record("*.example.com", "CNAME", "www.example.com."), "TLS error", "www.example.com"),
    "a name that a wildcard host covers": (
        record("x.example.com", "CNAME", "any.example.org."),
        "TLS error",
        "*.example.org",
    ),
}


@pytest.mark.parametrize("name", LEADING)
def test_a_record_that_leads_to_a_host_is_listed_with_its_effect(settings: Settings, name: str) -> None:
    leading, effect, host = LEADING[name]
    (dependent,) = dependents(settings, leading)
    assert (dependent.name, dependent.type, dependent.host) == (leading.name, leading.type, host)
    assert effect in dependent.effect
    assert dependent.advice


@pytest.mark.parametrize("name", ["*.example.com", r"a\047b.example.com", "$(x).example.com"])
def test_a_name_is_one_word_of_the_command_that_is_advised(settings: Settings, name: str) -> None:
    (dependent,) = dependents(settings, record(name, "CNAME", "www.example.com."))
    command = re.search(r"`(understudy import [^`]+)`", dependent.advice)
    assert command
    assert shlex.split(command[1]) == ["understudy", "import", name, "--apply"]


def test_a_chain_of_names_is_followed(settings: Settings) -> None:
    chain = (record("a.example.com", "CNAME", "b.example.com."), record("b.example.com", "CNAME", "www.example.com."))
    assert {dependent.name for dependent in dependents(settings, *chain)} == {"a.example.com", "b.example.com"}


def test_spf_by_mx_counts_where_the_mail_server_fails_over(settings: Settings) -> None:
    spf = record("example.com", "TXT", '"v=spf1 mx -all"')
    assert dependents(settings, record("example.com", "MX", "10 mail.example.com."), spf) == []
    assert [
        dependent.type for dependent in dependents(settings, record("example.com", "MX", "10 www.example.com."), spf)
    ] == [
        "MX",
        "TXT",
    ]


@pytest.mark.parametrize(
    "harmless",
    [
        record("example.com", "MX", "10 mail.example.com."),
        record("example.com", "TXT", '"v=spf1 ip4:203.0.113.10 -all"'),
        record("blog.example.com", "CNAME", "blog.elsewhere.example."),
        record("example.com", "CAA", '0 issue "letsencrypt.org"'),
        record("example.com", "NS", "ns-1.awsdns-01.com."),
        record("www.example.com", "HTTPS", "1 . alpn=http/1.1"),
    ],
)
def test_other_records_are_not_listed(settings: Settings, harmless: RecordSet) -> None:
    assert dependents(settings, harmless) == []


BELOW = {
    "with an address": (record("mail.example.org", "A", "203.0.113.9"), "mail.example.org", "does not fail over"),
    "with a text alone": (record("docs.example.org", "TXT", '"x"'), "docs.example.org", "does not answer"),
    "by a name below it": (record("_dmarc.sub.example.org", "TXT", '"v=DMARC1"'), "sub.example.org", "does not answer"),
    "delegated": (record("dev.example.org", "NS", "ns1.other.example."), "dev.example.org", "delegated elsewhere"),
}


@pytest.mark.parametrize("name", BELOW)
def test_a_name_below_a_wildcard_host_that_exists_by_itself_is_listed(settings: Settings, name: str) -> None:
    below, subject, effect = BELOW[name]
    (dependent,) = dependent_names(settings, {ORG: [below]})
    assert (dependent.name, dependent.host) == (subject, "*.example.org")
    assert effect in dependent.effect


def test_a_host_of_its_own_and_the_name_of_a_challenge_are_not(settings: Settings) -> None:
    records = [record("api.example.org", "TXT", '"x"'), record("_acme-challenge.example.org", "TXT", '"x"')]
    assert dependent_names(settings, {ORG: records}) == []


def test_a_name_that_was_added_to_the_hosts_as_advised_is_not_listed_any_more(settings: Settings) -> None:
    leading = record("blog.example.com", "CNAME", "www.example.com.")
    (dependent,) = dependents(settings, leading)
    assert 'add "blog.example.com" to the hosts of web' in dependent.advice
    web, *others = settings.servers
    hosts = (*web.hosts, Host("blog.example.com", web.hosts[0].zone))
    changed = settings.model_copy(update={"servers": (web.model_copy(update={"hosts": hosts}), *others)})
    assert dependents(changed, leading) == []


def test_only_those_of_the_named_hosts_are_reported(settings: Settings) -> None:
    leading = record("blog.example.com", "CNAME", "www.example.com.")
    assert dependents(settings, leading, hosts=["example.com"]) == []
    assert len(dependents(settings, leading, hosts=["www.example.com"])) == 1
