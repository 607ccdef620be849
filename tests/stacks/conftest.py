"""One synthesis of each configuration for the whole session; tests only look at what was written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks.templates import (
    ROOT,
    Synthesis,
    issue_certificate,
    replaced,
    sample_text,
    synthesise,
    with_sample_certificate,
)

Write = Callable[[Path, str], Synthesis]

VARIANTS = """
app = "variants"

[certificate]
name = "example"
private_key_secret = "arn:aws:secretsmanager:us-east-1:444455556666:secret:shared/key-AbCdEf"

[timing]
profile = "economy"
failure_threshold = 7
ttl_seconds = 0

[page]
language = "it"
title = "Torniamo subito"

[[zones]]
name = "example.com"
id = "Z0EXAMPLECOM00000001"

[[zones]]
name = "deep.example.com"
id = "Z0DEEPEXAMPLECOM0003"

[[servers]]
name = "tcp-1"
ipv4 = "203.0.113.31"
hosts = ["tcp.example.com"]
health_check = { type = "TCP", port = 2222 }

[[servers]]
name = "http"
ipv4 = "203.0.113.32"
ipv6 = "2001:db8::32"
hosts = ["*.deep.example.com", "http.example.com"]
health_check = { type = "HTTP", path = "/up?from=route53" }

[[servers]]
name = "http-text"
ipv4 = "203.0.113.33"
hosts = ["http-text.example.com"]
health_check = { type = "HTTP", port = 8080, search_string = "fine" }

[[servers]]
name = "https-text"
ipv4 = "203.0.113.34"
hosts = ["a-b.example.com", "a.b.example.com"]
health_check = { host_name = "probe.example.net", port = 8443, search_string = "well" }
"""
PER_HOST = """
[[servers]]
name = "each"
ipv4 = "203.0.113.35"
hosts = ["one.example.com", "*.each.example.com", "two.example.com"]

[servers.health_check]
host_name = "shared.example.com"
path = "/up"
regions = ["us-east-1", "sa-east-1", "eu-west-1"]
measure_latency = true
per_host = true
"""
"""Every kind of check, other timing, a zone within a zone, a root that issued the certificate directly."""


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Synthesises a text of settings, in a folder that holds its certificate."""

    def write(folder: Path, text: str) -> Synthesis:
        settings_file = folder / "failover.toml"
        settings_file.write_text(text, encoding="utf-8")
        return synthesise(settings_file, tmp_path_factory.mktemp("assembly"))

    return write


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """The shipped failover.toml."""
    return synthesise(ROOT / "tests/sample/failover.toml", tmp_path_factory.mktemp("assembly"))


@pytest.fixture(scope="session")
def variants(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """`VARIANTS`, an app of its own."""
    names = ("*.example.com", "*.deep.example.com", "a.b.example.com")
    folder = issue_certificate(tmp_path_factory.mktemp("variants"), *names, intermediate=False)
    return write(folder, VARIANTS)


@pytest.fixture(scope="session")
def per_host(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with one more server, whose hosts each have a health check."""
    names = ("example.com", "*.example.com", "*.each.example.com", "*.example.org")
    folder = issue_certificate(tmp_path_factory.mktemp("per_host"), *names)
    return write(folder, sample_text() + PER_HOST)


@pytest.fixture(scope="session", params=["sample", "variants"])
def synthesis(request: pytest.FixtureRequest) -> Synthesis:
    """Each of the two configurations whose servers differ; for rules that hold whatever the settings."""
    synthesis_of_variant: Synthesis = request.getfixturevalue(request.param)
    return synthesis_of_variant


@pytest.fixture(scope="session")
def renewed(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample after its certificate was renewed, by another CA."""
    names = ("example.com", "*.example.com", "*.example.org")
    return write(issue_certificate(tmp_path_factory.mktemp("renewed"), *names), sample_text())


@pytest.fixture(scope="session")
def reordered(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with its servers, and each server's hosts, in another order."""
    head, web, api = sample_text().split("[[servers]]")
    web = replaced(
        web,
        '"example.com", "www.example.com", "shop.example.com"',
        '"shop.example.com", "www.example.com", "example.com"',
    )
    api = replaced(api, '["api.example.org", "*.example.org"]', '["*.example.org", "api.example.org"]')
    folder = with_sample_certificate(tmp_path_factory.mktemp("reordered"))
    return write(folder, "[[servers]]".join((head, api, web)))


@pytest.fixture(scope="session")
def extended(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with one more host among those of its first server, and one more server before all others."""
    head, web, api = sample_text().split("[[servers]]")
    web = replaced(web, '["example.com", ', '["example.com", "blog.example.com", ')
    new = '\nname = "new"\nipv4 = "203.0.113.30"\nhosts = ["new.example.org"]\n\n'
    folder = with_sample_certificate(tmp_path_factory.mktemp("extended"))
    return write(folder, "[[servers]]".join((head, new, web, api)))


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with shop.example.com moved from the first server to the second."""
    text = replaced(sample_text(), ', "shop.example.com"]', "]")
    text = replaced(text, '["api.example.org", ', '["shop.example.com", "api.example.org", ')
    return write(with_sample_certificate(tmp_path_factory.mktemp("moved")), text)


@pytest.fixture(scope="session")
def equipped(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with everything that its settings leave out to save money."""
    more = "[monitoring]\ndashboard = true\n\n[notifications]\nencrypted = true\n\n"
    text = sample_text().replace("[[zones]]", f"{more}[[zones]]", 1)
    return write(with_sample_certificate(tmp_path_factory.mktemp("equipped")), text)


@pytest.fixture(scope="session")
def least(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample without alarms and without switches."""
    less = '[monitoring]\nalarms = false\n\n[maintenance]\nswitches = "none"\n\n'
    text = sample_text().replace("[[zones]]", f"{less}[[zones]]", 1)
    return write(with_sample_certificate(tmp_path_factory.mktemp("least")), text)


@pytest.fixture(scope="session")
def one_switch(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with one switch for all servers."""
    text = sample_text().replace("[[zones]]", '[maintenance]\nswitches = "one"\n\n[[zones]]', 1)
    return write(with_sample_certificate(tmp_path_factory.mktemp("one_switch")), text)


@pytest.fixture(scope="session")
def with_hold(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with a fail-back hold of ten minutes, and recipients."""
    text = replaced(sample_text(), "# failback_hold_minutes = 0 ", "failback_hold_minutes = 10 ")
    notifications = """
[notifications]
emails = ["ops@example.net", "night@example.net"]
webhooks = ["https://hooks.example.net/understudy"]

[[zones]]
name = "example.com"
"""
    text = replaced(text, '\n[[zones]]\nname = "example.com"\n', notifications)
    return write(with_sample_certificate(tmp_path_factory.mktemp("held")), text)
