"""What a reviewer reads of an edit of failover.toml, word for word: the app's own templates before and after."""

import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.templates import (
    ROOT,
    assemble,
    issue_certificate,
    replaced,
    sample_text,
    with_sample_certificate,
)
from understudy_failover.operations.preflight.differences import failing
from understudy_failover.operations.review import changes
from understudy_failover.operations.review.records import OUT_AND_IN
from understudy_failover.operations.review.templates import Resources, split_by_stack, synthesized_resources
from understudy_failover.settings import Settings, load
from understudy_failover.settings.keys import described_keys, table_model

NAMES = ("example.com", "*.example.com", "*.example.org")
GONE = "no longer fail over, and keep its address"


@dataclass(frozen=True)
class Edit:
    """Pairs of old and new text, what is written behind all, and the lines expected, `!` before destructive ones."""

    swaps: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    more: str = ""


def _edit(*lines: str, more: str = "", **swaps: str) -> Edit:
    return Edit(tuple((PLACES[name], new) for name, new in swaps.items()), lines, more)


PLACES = {
    "web_hosts": '"shop.example.com"]',
    "api_hosts": '["api.example.org", "*.example.org"]',
    "api_ipv4": 'ipv4 = "203.0.113.20"\n',
    "web_ipv6": 'ipv6 = "2001:db8::10"       # default: none\n',
    "web_name": 'name = "web" ',
    "org_zone": '[[zones]]\nname = "example.org"\nid = "Z0EXAMPLEORG00000002"\n',
    "api_server": sample_text()[sample_text().rindex("# A server without IPv6") :],
    "profile": 'profile = "standard"',
    "threshold": "# failure_threshold = 3 ",
    "ttl": "# ttl_seconds = 30 ",
    "hold": "# failback_hold_minutes = 0 ",
    "path": 'path = "/health"',
    "search": 'search_string = "healthy" ',
    "check_type": 'type = "HTTPS" ',
    "contact": 'contact = "Questions: help@example.com"',
    "retry_after": "retry_after_seconds = 120",
    "page": "[page]\n",
    "logs": "[access_logs]\nkeep_days = 30 ",
    "secret": "understudy/example/private-key",
    "secret_line": 'private_key_secret = "understudy/example/private-key"\n',
    "interval": "# request_interval_seconds = 10 ",
}
ELSEWHERE = {
    "app": "another installation, which finds the names in use: preflight",
    "certificate.name": "the folder of its files, which stay the same",
    "certificates.name": "test_one_more_certificate_reads_so",
    "certificates.private_key_secret": "likewise",
    "certificates.private_key_version": "as of [certificate]",
    "certificates.folder": "as certificate.name",
    "servers.certificate": "test_stacks_that_leave_the_file_read_so",
    "servers.stack": "likewise, and test_a_server_in_another_stack_is_a_deploy_that_fails",
}
"""Keys that no row below changes, and why."""
WORDS = """
service = "Shop"
title = "Zu"
message = "Bald zurück"
language = "de"
status_page = "https://status.example.net/"
accent_dark = "#80c0ff"
"""
SHOP_PAGE = '[[pages]]\nname = "shop"\nhosts = ["shop.example.com"]\n'
WAITS_API = "~ deploy waits until the health checks of api have reported"
WAITS = "~ deploy waits until the health checks of api, web have reported"
ALL = "*.example.org, api.example.org, example.com, shop.example.com, www.example.com"
EDGE = "~ maintenance page changes: its edge functions"
FILES = "~ maintenance page changes: its files"
BOTH = "~ maintenance page changes: its files and its edge functions"
API = "*.example.org, api.example.org"
HOST_REMOVED = "! - host removed: shop.example.com; it no longer fails over, and keeps the address of its server"
MONITOR = (
    "~ function updated: Monitors certificates and switches of understudy-example, writes planned work onto its pages"
)

EDITS = {
    "host added": _edit(
        "+ host added: tickets.example.com at server web (A 203.0.113.10; AAAA 2001:db8::10)",
        EDGE,
        "~ supporting resources changed: 1 policy, 1 record cutover",
        web_hosts='"shop.example.com", "tickets.example.com"]',
    ),
    "host removed": _edit(
        HOST_REMOVED,
        EDGE,
        "~ supporting resources changed: 1 policy, 1 record cutover",
        web_hosts="]",
    ),
    "host renamed": _edit(
        HOST_REMOVED,
        "+ host added: store.example.com at server web (A 203.0.113.10; AAAA 2001:db8::10)",
        EDGE,
        "~ supporting resources changed: 1 policy, 1 record cutover",
        web_hosts='"store.example.com"]',
    ),
    "host moved to another server": _edit(
        "! - AAAA pair removed: shop.example.com",
        "~ server of shop.example.com: web → api",
        "~ address of shop.example.com: A 203.0.113.10 → 203.0.113.20",
        EDGE,
        "~ supporting resources changed: 1 record cutover",
        web_hosts="]",
        api_hosts='["shop.example.com", "api.example.org", "*.example.org"]',
    ),
    "server added": _edit(
        "+ server added: new, with hosts new.example.com, newer.example.com (A 203.0.113.30)",
        BOTH,
        MONITOR,
        "+ supporting resources added: 2 alarms, 1 deploy gate",
        "~ supporting resources changed: 1 bucket policy, 1 policy, 1 record cutover, 1 role",
        more='\n[[servers]]\nname = "new"\nipv4 = "203.0.113.30"\nhosts = ["new.example.com", "newer.example.com"]\n'
        '[servers.health_check]\nhost_name = "new.example.com"\n',
    ),
    "server removed": _edit(
        f"! - server removed: api; its hosts {API} {GONE}",
        BOTH,
        MONITOR,
        "~ supporting resources changed: 1 bucket policy, 1 policy, 1 record cutover, 1 role",
        "- supporting resources removed: 2 alarms, 1 deploy gate",
        org_zone="",
        api_server="",
    ),
    "server renamed": _edit(
        "! - server removed: web",
        "+ server added: shop",
        "~ server of example.com, shop.example.com, www.example.com: web → shop",
        BOTH,
        MONITOR,
        "+ supporting resources added: 2 alarms, 1 deploy gate",
        "~ supporting resources changed: 1 bucket policy, 1 role",
        "- supporting resources removed: 2 alarms, 1 deploy gate",
        web_name='name = "shop" ',
    ),
    "server at another address": _edit(
        f"~ address of {API}: A 203.0.113.20 → 203.0.113.21",
        '~ health check of api: address "203.0.113.20" → "203.0.113.21"',
        WAITS_API,
        MONITOR,
        "~ supporting resources changed: 1 record cutover",
        api_ipv4='ipv4 = "203.0.113.21"\n',
    ),
    "server at one more address": _edit(
        f"~ address of {API}: A 203.0.113.20 → 203.0.113.20, 203.0.113.21",
        "~ supporting resources changed: 1 record cutover",
        api_ipv4='ipv4 = "203.0.113.20"\nmore_ipv4 = ["203.0.113.21"]\n',
    ),
    "failure threshold": _edit(
        "~ health check of api, web: failure_threshold 3 → 1 (tightened: fails over sooner)",
        WAITS,
        threshold="failure_threshold = 1 ",
    ),
    "profile economy": _edit(
        "! ~ health check of api, web replaced: request_interval_seconds 10 → 30 (loosened)",
        f"~ TTL of {ALL}: 30 s → 60 s",
        "~ supporting resources changed: 1 record cutover",
        profile='profile = "economy"',
    ),
    "path": _edit('~ health check of api: path "/health" → "/up"', WAITS_API, path='path = "/up"'),
    "search string": _edit(
        '~ health check of api: search_string "healthy" → "fine"', WAITS_API, search='search_string = "fine" '
    ),
    "search string no more": _edit(
        '! ~ health check of api replaced: search_string "healthy" → none (loosened)', WAITS_API, search=""
    ),
    "type of check": _edit(
        '! ~ health check of api replaced: type "HTTPS" → "HTTP"', WAITS_API, check_type='type = "HTTP" '
    ),
    "latency measured": _edit(
        "! ~ health check of api replaced: measure_latency false → true",
        "+ supporting resources added: 1 alarm",
        more="measure_latency = true\n",
    ),
    "a check for each host": _edit(
        "~ health check that decides about api.example.org: api combined → api api.example.org combined",
        "+ health check added: api api.example.org combined, api api.example.org",
        WAITS_API,
        "+ supporting resources added: 2 alarms",
        more="per_host = true\n",
    ),
    "ttl": _edit(
        f"~ TTL of {ALL}: 30 s → 60 s", "~ supporting resources changed: 1 record cutover", ttl="ttl_seconds = 60 "
    ),
    "IPv6 added": _edit(
        f"+ AAAA pair added: {API} (2001:db8::20)",
        "~ supporting resources changed: 1 record cutover",
        api_ipv4='ipv4 = "203.0.113.20"\nipv6 = "2001:db8::20"\n',
    ),
    "IPv6 removed": _edit(
        "! - AAAA pair removed: example.com, shop.example.com, www.example.com",
        "~ supporting resources changed: 1 record cutover",
        web_ipv6="",
    ),
    "another zone": _edit(
        f"! ~ hosted zone of {API}: Z0EXAMPLEORG00000002 → Z0OTHER; record sets are replaced",
        "~ supporting resources changed: 1 policy, 1 record cutover",
        org_zone='[[zones]]\nname = "example.org"\nid = "Z0OTHER"\n',
    ),
    "CNAME pairs": _edit(
        f"! ~ record pairs of {API}: A 203.0.113.20 → CNAME api.origin.example.net: the deploy would fail, as "
        "DNS does not allow both; first cdk deploy --all without these hosts, then with them: "
        "understudy import --apply && cdk deploy --all",
        "~ supporting resources changed: 1 record cutover",
        api_ipv4='ipv4 = "203.0.113.20"\ncname = "api.origin.example.net"\n',
    ),
    "hold": _edit(
        "+ fail-back hold of api, web: 10 min",
        "~ health check of api combined, web combined: joins 4 checks instead of 3",
        WAITS,
        "+ supporting resources added: 2 alarms",
        "~ supporting resources changed: 2 alarms, 1 role",
        hold="failback_hold_minutes = 10 ",
    ),
    "access logs kept for longer": _edit(
        "~ access logs kept for 90 days instead of 30",
        logs="[access_logs]\nkeep_days = 90 ",
    ),
    "no access logs": _edit(
        "- access logs no longer: their bucket stays, and empties itself within 30 days",
        logs="#",
    ),
    "other seconds between requests": _edit(
        "! ~ health check of api, web replaced: request_interval_seconds 10 → 30 (loosened)",
        interval="request_interval_seconds = 30 ",
    ),
    "regions": _edit(
        '~ health check of api: regions all → ["eu-west-1", "us-east-1", "us-west-1"]',
        WAITS_API,
        more='regions = ["us-east-1", "us-west-1", "eu-west-1"]\n',
    ),
    "a check at each address": _edit(
        f"+ AAAA pair added: {API} (2001:db8::20, 2001:db8::21)",
        "+ health check added: api 2001:db8::20, api 2001:db8::21",
        "~ health check of api combined: joins 5 checks instead of 3",
        WAITS_API,
        "+ supporting resources added: 4 alarms",
        "~ supporting resources changed: 1 record cutover",
        api_ipv4='ipv4 = "203.0.113.20"\nipv6 = "2001:db8::20"\nmore_ipv6 = ["2001:db8::21"]\n',
        more="per_address = true\n",
    ),
    "words on the page": _edit(FILES, contact='contact = "Call 555"'),
    "all words of the page": _edit(BOTH, page=f'[page]\nlanguages = ["de", "en"]\n{WORDS}'),
    "which TLS visitors speak": _edit(
        "~ distribution: ViewerCertificate", page='[page]\ntls_policy = "TLSv1.2_2025"\n'
    ),
    "the header that keeps browsers on HTTPS": _edit(
        EDGE, page='[page]\nstrict_transport_security = "max-age=31536000"\n'
    ),
    "page of one host, in its own words": _edit(
        BOTH, page=f'{SHOP_PAGE}{WORDS}contact = "Call 555"\naccent = "#204060"\n\n[page]\n'
    ),
    "colour of the page": _edit(BOTH, page='[page]\naccent = "#204060"\n'),
    "when to try again": _edit(EDGE, retry_after="retry_after_seconds = 300"),
    "page of one host": _edit(BOTH, page=f'{SHOP_PAGE}title = "Closed"\n\n[page]\n'),
    "notifications": _edit(
        "+ alarm recipient added: ops@example.net, https://hooks.example.net/x",
        page='[notifications]\nemails = ["ops@example.net"]\nwebhooks = ["https://hooks.example.net/x"]\n\n[page]\n',
    ),
    "one switch for all servers": _edit(
        "! - health check removed: switch of api, switch of web",
        "~ health check of api combined, web combined: joins 2 checks instead of 3",
        WAITS,
        "~ supporting resources changed: 4 alarms, 1 bucket policy, 1 role",
        page='[maintenance]\nswitches = "one"\n\n[page]\n',
    ),
    "no alarms": _edit(
        "! - notifications topic removed: understudy-example-failover/NotificationsTopicAE679CBD",
        "! - policy of the notifications topic removed: understudy-example-failover/NotificationsTopicPolicyAF92D34A",
        MONITOR,
        "~ supporting resources changed: 1 role",
        "- supporting resources removed: 9 alarms, 2 permissions, 2 rules",
        page="[monitoring]\nalarms = false\n\n[page]\n",
    ),
    "a dashboard": _edit(
        "+ supporting resources added: 1 dashboard",
        page="[monitoring]\ndashboard = true\n\n[page]\n",
    ),
    "a key of the topic": _edit(
        "~ notifications topic understudy-example-failover/NotificationsTopicAE679CBD: KmsMasterKeyId",
        "+ supporting resources added: 1 key of the notifications topic",
        page="[notifications]\nencrypted = true\n\n[page]\n",
    ),
    "secret of the key": _edit(
        "~ certificate: private_key_secret understudy/example/private-key → other/key",
        "~ supporting resources changed: 1 role",
        secret="other/key",
    ),
    "version of the key": _edit(
        f"~ certificate: private_key_version none → {'ab' * 16}",
        secret_line=f'private_key_secret = "understudy/example/private-key"\nprivate_key_version = "{"ab" * 16}"\n',
    ),
}
Synthesise = Callable[..., Resources]


@pytest.fixture(scope="module")
def synthesise(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Synthesise:
    def synthesise(text: str, folder: Path | None = None) -> Resources:
        folder = folder or with_sample_certificate(tmp_path_factory.mktemp("settings"))
        (folder / "failover.toml").write_text(text, encoding="utf-8")
        assembly = tmp_path_factory.mktemp("assembly")
        assemble(folder / "failover.toml", assembly)
        return synthesized_resources(assembly)

    return synthesise


@pytest.fixture(scope="module")
def deployed(synthesise: Synthesise) -> Resources:
    """The shipped sample."""
    return synthesise(sample_text())


def _lines(old: Resources, new: Resources) -> tuple[str, ...]:
    return tuple(f"{'! ' if change.destructive else ''}{change.mark} {change.text}" for change in changes(old, new))


def _edited(edit: Edit) -> str:
    text = sample_text()
    for old, new in edit.swaps:
        text = replaced(text, old, new)
    return text + edit.more


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_reads_so(edit: Edit, deployed: Resources, synthesise: Synthesise) -> None:
    new = synthesise(_edited(edit))
    assert _lines(deployed, new) == edit.lines
    # Preflight never says otherwise.
    assert bool(failing(deployed, new, {})) == any("the deploy would fail" in line for line in edit.lines)


def _values(document: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every value with its key, `servers.health_check.port`; lists of tables are listed as their tables."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _values(value, f"{place}.{key}".lstrip("."))
    elif isinstance(document, list) and document and isinstance(document[0], dict):
        for item in document:
            yield from _values(item, place)
    else:
        yield place, str(document)


def test_every_key_of_the_settings_has_an_edit() -> None:
    before = set(_values(tomllib.loads(sample_text())))
    edited = {key for edit in EDITS.values() for key, _ in before ^ set(_values(tomllib.loads(_edited(edit))))}
    described = described_keys(Settings)
    keys = {
        ".".join((*map(str, key.table), key.name)) for key in described if table_model(key.field.annotation) is None
    }
    assert keys - edited == set(ELSEWHERE), "a key needs a row in EDITS, or its reason in ELSEWHERE"


def test_access_logs_that_come_read_so(deployed: Resources, synthesise: Synthesise) -> None:
    without = synthesise(_edited(EDITS["no access logs"]))
    assert _lines(without, deployed) == ("+ access logs from now on, kept for 30 days",)


def test_words_for_planned_work_that_come_change_and_go_read_so(synthesise: Synthesise, tmp_path: Path) -> None:
    folder = with_sample_certificate(tmp_path)
    text = replaced(sample_text(), "[page]\n", f"{SHOP_PAGE}\n[page]\n")
    own = folder / "pages" / "shop" / "en.toml"
    own.parent.mkdir(parents=True)
    states = [synthesise(text, folder)]
    for title in ("Works until noon", "Works until one"):
        own.write_text(f'[planned]\ntitle = "{title}"\n', encoding="utf-8")
        states.append(synthesise(text, folder))
    none, first, second = states
    for old, new in ((none, first), (first, second), (second, none)):
        assert _lines(old, new) == (FILES,)


def test_a_page_of_one_host_that_goes_reads_so(deployed: Resources, synthesise: Synthesise) -> None:
    page = EDITS["page of one host"]
    assert _lines(synthesise(_edited(page)), deployed) == (BOTH,)


@pytest.mark.parametrize(
    ("kind", "text"), [("AWS::Lambda::Function", "~ function updated: "), ("AWS::Events::Rule", "changed: 1 rule")]
)
def test_what_puts_words_of_planned_work_on_the_pages_is_reported(deployed: Resources, kind: str, text: str) -> None:
    begins = ("MonitorFunction", "MonitorTurned")
    (key,) = (
        key
        for key, resource in deployed.items()
        if key.partition("/")[2].startswith(begins) and resource["Type"] == kind
    )
    changed_resource = deployed[key]
    new = {
        **deployed,
        key: {**changed_resource, "Properties": {**changed_resource["Properties"], "Code": {"S3Key": "another.zip"}}},
    }
    (line,) = _lines(deployed, new)
    assert text in line


def test_the_check_of_the_page_that_comes_or_goes_reads_so(deployed: Resources) -> None:
    """As in an upgrade from a release that had none: it alone, and then what its verdict decides."""
    (key,) = (key for key in deployed if key.startswith("understudy-example-maintenance/PageHealth"))
    without: dict[str, Any] = {other: {**resource} for other, resource in deployed.items() if other != key}
    for resource in without.values():
        if resource["Type"] == "AWS::Route53::RecordSet" and resource["Properties"]["Failover"] == "SECONDARY":
            resource["Properties"] = {
                name: value for name, value in resource["Properties"].items() if name != "HealthCheckId"
            }
    text = "answer while neither server nor page can be reached"
    come, gone = _lines(without, deployed), _lines(deployed, without)
    assert "+ health check added: maintenance page" in come
    assert any(text in line and line.endswith(": its server") for line in come)
    assert "! - health check removed: maintenance page" in gone
    assert any(text in line and line.endswith(": the page") for line in gone)


@pytest.mark.parametrize("key", ["Port", "FailureThreshold"])
def test_the_check_of_the_page_that_changes_reads_so(deployed: Resources, key: str) -> None:
    (place,) = (key for key in deployed if key.startswith("understudy-example-maintenance/PageHealth"))
    properties = deployed[place]["Properties"]
    config = properties["HealthCheckConfig"] | {key: 7}
    new = {**deployed, place: {**deployed[place], "Properties": {**properties, "HealthCheckConfig": config}}}
    (line,) = _lines(deployed, new)
    assert line.startswith("~ health check of maintenance page: ")


def test_the_same_file_is_no_change(deployed: Resources, synthesise: Synthesise) -> None:
    assert _lines(deployed, synthesise(sample_text())) == ()


def test_a_first_deploy_reads_so(deployed: Resources) -> None:
    first, second, *_ = _lines({}, deployed)
    assert first == f"+ server added: api, with hosts {API} (A 203.0.113.20)"
    assert second == (
        "+ server added: web, with hosts example.com, shop.example.com, www.example.com "
        "(A 203.0.113.10; AAAA 2001:db8::10)"
    )
    assert not any(line.startswith("!") for line in _lines({}, deployed))


def test_a_renewal_reads_so(deployed: Resources, synthesise: Synthesise, tmp_path: Path) -> None:
    folder = issue_certificate(tmp_path, *NAMES)
    public = load(_written(folder)).certificate.public
    (line,) = _lines(deployed, synthesise(sample_text(), folder))
    old = load(ROOT / "tests/sample/failover.toml").certificate.public
    assert line == (
        f"~ certificate renewed: {old.fingerprint[:23]}… (until 2046-01-01) → {public.fingerprint[:23]}… "
        f"(until {public.not_after:%Y-%m-%d}); issuer {old.issuer} → {public.issuer}"
    )


def test_one_more_certificate_reads_so(deployed: Resources, synthesise: Synthesise, tmp_path: Path) -> None:
    folder = with_sample_certificate(tmp_path / "settings")
    folder_of_certificate = issue_certificate(tmp_path / "made", "*.example.com")
    shutil.copytree(folder_of_certificate / "certificates" / "example", folder / "certificates" / "second")
    text = replaced(
        sample_text(),
        "\n[timing]\n",
        '\n[[certificates]]\nname = "second"\nprivate_key_secret = "second"\n\n[timing]\n',
    )
    text += '\n[[servers]]\nname = "new"\nipv4 = "203.0.113.30"\nhosts = ["new.example.com"]\ncertificate = "second"\n'
    lines = _lines(deployed, synthesise(text, folder))
    assert lines[0] == "+ server added: new, with hosts new.example.com (A 203.0.113.30)"
    assert lines[1] == "+ health check added: maintenance page"
    assert lines[2].startswith("+ certificate second added: ")
    assert lines[2].endswith(" for *.example.com")
    assert [line.partition(": ")[0] for line in lines[3:]] == [
        "+ supporting resources added",
        "~ supporting resources changed",
    ]


def test_stacks_that_leave_the_file_read_so(deployed: Resources, synthesise: Synthesise, tmp_path: Path) -> None:
    folder = with_sample_certificate(tmp_path / "settings")
    folder_of_certificate = issue_certificate(tmp_path / "made", "*.example.com")
    shutil.copytree(folder_of_certificate / "certificates" / "example", folder / "certificates" / "second")
    head, server = (
        '\n[[certificates]]\nname = "second"\nprivate_key_secret = "second"\n\n[timing]\n',
        '\n[[servers]]\nname = "new"\nipv4 = "203.0.113.30"\nhosts = ["new.example.com"]\n',
    )
    text = replaced(sample_text(), "\n[timing]\n", head)
    both = synthesise(f'{text}{server}certificate = "second"\nstack = "b"\n', folder)

    def left(new: Resources) -> list[str]:
        kept, rest = split_by_stack(both, {key.partition("/")[0] for key in new})
        lines = [
            f"{'! ' if change.destructive else ''}{change.mark} {change.text}" for change in changes(kept, new, rest)
        ]
        return [change for change in lines if " stack understudy-example-" in change]

    failover = (
        "! - stack understudy-example-failover-b is no longer in failover.toml, and no deploy removes it: it holds the "
        "failover of new.example.com and 4 health checks; "
    )
    page = (
        "- stack understudy-example-maintenance-second is no longer in failover.toml, and no deploy removes it: it "
        "holds a distribution for new.example.com, a certificate for *.example.com and 1 health check; "
    )
    destroy = "understudy destroy understudy-example"
    assert left(deployed) == [
        f"{failover}first {destroy}-failover-b, then cdk deploy --all",
        f"{page}first cdk deploy --all, then {destroy}-maintenance-second",
    ]
    # The host goes to the first stacks: what the left ones have of it is in the way.
    assert left(synthesise(sample_text() + server)) == [
        f"{failover}the deploy would fail, as the record sets of new.example.com exist already: "
        f"first {destroy}-failover-b, then cdk deploy --all",
        f"! {page}the deploy would fail, as its distribution has new.example.com still: first cdk deploy --all without "
        f"these hosts, {destroy}-maintenance-second, then cdk deploy --all with them",
    ]


def test_a_server_in_another_stack_is_a_deploy_that_fails(deployed: Resources, synthesise: Synthesise) -> None:
    text = replaced(sample_text(), PLACES["api_ipv4"], f'{PLACES["api_ipv4"]}stack = "apis"\n')
    assert _lines(deployed, synthesise(text))[:2] == (
        f"! ~ record sets of {API} move from stack understudy-example-failover to understudy-example-failover-apis: "
        "the deploy would fail, as they exist already; "
        f"{OUT_AND_IN}",
        "! - health check removed: api combined, api, switch of api",
    )


def test_a_new_release_reads_so(deployed: Resources) -> None:
    """Other code in the same functions."""
    new: dict[str, Any] = {key: {**resource} for key, resource in deployed.items()}
    for key, resource in new.items():
        if resource["Type"] == "AWS::Lambda::Function" and "/Handover" in key:
            resource["Properties"] = {**resource["Properties"], "Code": {"S3Bucket": "assets", "S3Key": "another.zip"}}
    assert _lines(deployed, new) == (
        "~ function updated: Deploys of understudy-example: waits for health checks, cuts DNS records over",
    )


@pytest.mark.parametrize(
    "begins", ["SiteBucket", "PageDistribution", "ServerCertificate", "WwwExampleComAaaaSecondary"]
)
def test_the_loss_of_any_resource_that_serves_people_is_reported(deployed: Resources, begins: str) -> None:
    kinds = ("AWS::S3::Bucket", "AWS::CloudFront::Distribution", "Custom::ServerCertificate", "AWS::Route53::RecordSet")
    (key,) = (
        key
        for key, resource in deployed.items()
        if key.partition("/")[2].startswith(begins) and resource["Type"] in kinds
    )
    differences = changes(deployed, {other: resource for other, resource in deployed.items() if other != key})
    assert any(change.destructive for change in differences), differences


def test_no_resource_of_the_sample_can_go_or_change_unseen(deployed: Resources) -> None:
    for key, resource in deployed.items():
        rest = {other: resource for other, resource in deployed.items() if other != key}
        assert changes(deployed, rest), f"{key} gone"
        other = {**resource, "Properties": {**resource.get("Properties", {}), "AnyProperty": "changed"}}
        assert changes(deployed, {**rest, key: other}), f"{key} changed"


def _written(folder: Path) -> Path:
    file = folder / "failover.toml"
    file.write_text(sample_text(), encoding="utf-8")
    return file


def test_a_host_that_joins_a_server_opens_no_gate_again(deployed: Resources, synthesise: Synthesise) -> None:
    """docs/decisions/0018-hosts-that-join-a-server.md."""
    new = synthesise(replaced(sample_text(), PLACES["web_hosts"], '"shop.example.com", "new.example.com"]'))
    gates = {
        key: resource["Properties"] for key, resource in deployed.items() if resource["Type"] == "Custom::HealthGate"
    }
    assert gates
    assert {
        key: resource["Properties"] for key, resource in new.items() if resource["Type"] == "Custom::HealthGate"
    } == gates
    assert any(resource["Type"] == "AWS::Route53::RecordSet" for key, resource in new.items() if key not in deployed)
