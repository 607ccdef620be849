"""Sentences of the documents on gate, ports, methods, addresses and trust, each with the tests that hold it.

Whoever changes one of these sentences looks at its tests; numbers in them are compared with the code.
"""

import re
from pathlib import Path

import certifi
import pytest

from tests.handlers import STACKS, aws_client, load as load_module
from understudy_failover.contract.route53 import HEALTHY_SHARE
from understudy_failover.settings import load

TESTED = {
    ("README.md", "refuses new or changed health checks of a server that is down"): (
        "tests/rehearsal/test_gate.py::test_a_first_deploy_with_a_server_down_is_refused_and_leaves_nothing_of_it",
        "tests/health_gate/test_handler.py::test_a_server_that_is_down_is_named_with_what_its_checkers_say",
    ),
    ("README.md", "`cdk deploy --all --context accept_outage=true` overrides it"): (
        "tests/health_gate/test_handler.py::test_an_outage_can_be_accepted_but_not_a_check_that_has_not_reported",
    ),
    ("README.md", "A host that joins a server with unchanged checks [is not held up]"): (
        "tests/operations/review/test_edits.py::test_a_host_that_joins_a_server_opens_no_gate_again",
    ),
    ("README.md", "WebDAV gets its own 403"): (
        "tests/operations/preflight/test_servers.py::test_a_server_that_takes_webdav_gets_a_warning_of_what_the_page_answers",
    ),
    ("README.md", "at ports 80 and 443"): (
        "tests/operations/preflight/test_servers.py::test_a_check_at_another_port_shows_that_the_page_does_not_answer_there",
    ),
    ("README.md", "Route 53 checks no certificates, and any 2xx or 3xx is healthy"): (
        "tests/operations/preflight/test_probe.py::test_a_status_of_200_is_healthy_and_the_certificate_need_not_be_trusted",
        "tests/operations/preflight/test_probe.py::test_a_redirect_is_healthy_and_reported",
    ),
    ("docs/records.md", "Route 53 refuses the UPSERT of a dynamic DNS updater beside a failover pair"): (
        "tests/emulator/test_record_rules.py::test_what_route_53_refuses",
    ),
    (
        "docs/certificates.md",
        "the issuer is one of Mozilla's roots; `--private-ca` accepts others. Synthesis does not check it.",
    ): (
        "tests/operations/preflight/test_preflight.py::test_an_issuer_that_browsers_do_not_trust_is_meant_or_refused",
        "tests/docs/test_sentences.py::test_synthesis_asks_nobody_whether_an_issuer_is_trusted",
    ),
    ("docs/decisions/0008-deploy-gate.md", "One gate per server"): (
        "tests/health_gate/test_handler.py::test_a_server_that_is_down_is_named_with_what_its_checkers_say",
    ),
    ("docs/decisions/0008-deploy-gate.md", "While its stack rolls back"): (
        "tests/health_gate/test_handler.py::test_a_roll_back_is_never_held_up",
    ),
}


def _in_one_line(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


@pytest.mark.parametrize(("page", "sentence"), TESTED)
def test_a_sentence_stands_there_and_so_do_its_tests(root: Path, page: str, sentence: str) -> None:
    assert sentence in _in_one_line(root / page)
    for test in TESTED[page, sentence]:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (root / file).read_text(encoding="utf-8"), test


def test_the_numbers_of_the_gate_are_its_own(root: Path) -> None:
    aws_client()
    gate = load_module("health_gate", STACKS / "health_gate" / "handler" / "health_gate.py")
    text = _in_one_line(root / "docs/decisions/0008-deploy-gate.md")
    assert f"still silent {gate.SILENCE_SECONDS} s after more than half of them" in text
    assert f"more than {HEALTHY_SHARE:.0%} of the checkers that reported".replace("%", " %") in text


def test_the_list_of_roots_is_the_one_that_is_installed(root: Path) -> None:
    match = re.search(
        r"certifi\]\S+, which the lock files pin \(version ([\d.]+),", _in_one_line(root / "docs/certificates.md")
    )
    assert match
    assert match[1] == certifi.__version__


def test_synthesis_asks_nobody_whether_an_issuer_is_trusted(root: Path) -> None:
    """The sample's certificate is of a CA that was made for it."""
    assert load(root / "tests/sample/failover.toml").certificate.public.chain_pem
