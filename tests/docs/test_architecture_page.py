"""docs/architecture.md is drawn from the templates of the sample and the imports of the code."""

import re

import pytest

from docs.generate_architecture import PAGE, page


@pytest.fixture(scope="module")
def written(processes: None) -> str:
    return page()


def test_the_page_is_what_templates_and_imports_say(written: str) -> None:
    """If not: `python -m docs.generate_architecture`. A KeyError names a type that needs a label there."""
    assert PAGE.read_text(encoding="utf-8") == written


def _arrows(diagram: str) -> set[tuple[str, str, str]]:
    """Labels of both ends and of the arrow."""
    names = dict(re.findall(r'^ +(n\d+)\["(.+)"\]$', diagram, re.MULTILINE))
    found = re.findall(r"^ +(n\d+) -->\|(.+)\| (n\d+)$", diagram, re.MULTILINE)
    return {(names[a].replace("<br>", " "), verb, names[b].replace("<br>", " ")) for a, verb, b in found}


def test_the_diagrams_show_the_chain(written: str) -> None:
    running, deploying, layers = re.findall(r"```mermaid\n(.*?)```", written, re.DOTALL)
    assert _arrows(running) >= {
        ("clients", "ask for a name", "PRIMARY and SECONDARY records"),
        ("PRIMARY and SECONDARY records", "SECONDARY", "CloudFront distribution"),
        ("verdict on each server", "all of", "server checks"),
        ("Route 53's health checkers", "HTTPS", "your servers"),
        ("CloudFront distribution", "reads", "bucket of the switches"),
        ("alarms that tell somebody", "tell", "notifications"),
    }
    handled = {(source, target) for source, verb, target in _arrows(deploying) if verb == "handled by"}
    assert len(handled) == 4
    assert "stacks[stacks] --> settings" in layers
    assert "operations --> cdk" not in layers


def test_no_function_calls_anything_in_an_outage(written: str) -> None:
    """What moves clients is checks, records and the distribution."""
    running = re.search(r"```mermaid\n(.*?)```", written, re.DOTALL)
    assert running
    chain = {"PRIMARY and SECONDARY records", "verdict on each server", "server checks", "CloudFront distribution"}
    from_chain = {target for source, _, target in _arrows(running[1]) if source in chain}
    assert from_chain <= chain | {
        "switch checks",
        "your servers",
        "edge functions",
        "bucket of the page",
        "bucket of the switches",
        "server certificate",
    }
