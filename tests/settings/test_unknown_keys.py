"""A key that Understudy does not know is a mistake: it would otherwise be a wish that nobody hears."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.samples import LEFT_OUT, changed, problems_from, steps


@pytest.mark.parametrize(
    ("place", "where", "known"),
    [
        (
            "zzz",
            "at the top of the file",
            "app, certificate, certificates, timing, notifications, maintenance, monitoring, access_logs, page, pages, "
            "zones, servers",
        ),
        ("certificate.zzz", "in [certificate]", "name, private_key_secret, private_key_version"),
        (
            "timing.zzz",
            "in [timing]",
            "profile, request_interval_seconds, failure_threshold, ttl_seconds, failback_hold_minutes",
        ),
        ("notifications.zzz", "in [notifications]", "emails, webhooks, encrypted"),
        (
            "page.zzz",
            "in [page]",
            "language, languages, service, title, message, contact, status_page, accent, accent_dark, "
            "retry_after_seconds, strict_transport_security, tls_policy",
        ),
        ("zones.0.zzz", "in [[zones]]", "name, id"),
        (
            "servers.0.zzz",
            "in [[servers]]",
            "name, ipv4, ipv6, more_ipv4, more_ipv6, cname, stack, certificate, hosts, health_check",
        ),
        (
            "servers.0.health_check.zzz",
            "in [servers.health_check]",
            "type, host_name, port, path, search_string, regions, measure_latency, per_host, per_address",
        ),
    ],
)
def test_a_table_names_the_keys_it_knows(folder: Path, place: str, where: str, known: str) -> None:
    [problem] = problems_from(folder, changed(place, "x"))
    assert (problem.place, problem.value) == (tuple(steps(place)), '"x"')
    assert (problem.wrong, problem.allowed) == (f"is not a key {where}", known)
    assert problem.fix == "remove it"


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ("ap", "app"),
        ("certificate.private_key", "private_key_secret"),
        ("timing.ttl", "ttl_seconds"),
        ("timing.request_interval", "request_interval_seconds"),
        ("page.mesage", "message"),
        ("zones.0.ID", "id"),
        ("servers.0.ip4", "ipv4"),
        ("servers.0.healthcheck", "health_check"),
        ("servers.0.health_check.hostname", "host_name"),
    ],
)
def test_a_misspelt_key_is_asked_about(folder: Path, place: str, meant: str) -> None:
    [problem] = problems_from(folder, changed(place, "x"))
    assert problem.fix == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("place", "fix"),
    [
        ("timing.port", "it belongs in [servers.health_check]"),
        ("servers.0.host_name", "it belongs in [servers.health_check]"),
        ("servers.0.title", "it belongs in [page] or in [[pages]]"),
        ("page.hosts", "it belongs in [[pages]] or in [[servers]]"),
        ("page.app", "it belongs at the top of the file"),
        (
            "timing.name",
            "it belongs in [certificate] or in [[certificates]] or in [[pages]] or in [[zones]] or in [[servers]]",
        ),
    ],
)
def test_a_key_of_another_table_is_sent_there(folder: Path, place: str, fix: str) -> None:
    [problem] = problems_from(folder, changed(place, "x"))
    assert problem.fix == fix


@pytest.mark.parametrize("place", ["app", "certificate.name", "zones.0.name", "servers.0.hosts", "servers"])
def test_a_misspelt_key_does_not_count_as_missing_too(folder: Path, place: str) -> None:
    document = changed(place, LEFT_OUT)
    table: Any = document
    for step in steps(place)[:-1]:
        table = table[step]
    misspelt = f"{steps(place)[-1]}_"
    table[misspelt] = "x"
    [problem] = problems_from(folder, document)
    assert problem.place == (*steps(place)[:-1], misspelt)


def test_the_certificate_itself_cannot_be_written_into_the_file(folder: Path) -> None:
    """`certificate.public` is a field of the model and no key of the file."""
    [problem] = problems_from(folder, changed("certificate.public", "x"))
    assert problem.wrong == "is not a key in [certificate]"
