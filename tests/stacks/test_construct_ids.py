"""No names in failover.toml end in one construct id, and no id moves because of what is beside it."""

import json
import re
from typing import Any

import pytest

from tests.stacks.conftest import Write
from tests.stacks.templates import Synthesis, replaced, sample_text, with_sample_certificate

WEBHOOKS = ("https://hooks.example.net/a/b", "https://hooks.example.net/a--b", "https://hooks.example.net/a--b/c")
"""The CDK writes `--` for a slash in an id."""


def _ids(synthesis: Synthesis) -> set[str]:
    """Of the constructs in the failover stack, and of those in these: where names of servers become ids."""
    file = synthesis.folder / "tree.json"
    tree: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["tree"]
    stages = [tree, *tree["children"].values()]
    [stack] = [construct for stage in stages if (construct := stage.get("children", {}).get("Failover"))]
    return {
        *stack["children"],
        *(id_ for construct in stack["children"].values() for id_ in construct.get("children", {})),
    }


@pytest.fixture(scope="module")
def named_like_ours(sample: Synthesis, tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with a server for each word that an id of ours ends in, and webhooks that differ in slashes."""
    words = {word.lower() for id_ in _ids(sample) for word in re.findall(r"(?:^|(?<=[a-z]))[A-Z][a-z]+$", id_)}
    words = {word for word in words if 1 < len(word) < 30} - {"web", "api"}
    assert len(words) > 5
    servers = "".join(
        f'\n[[servers]]\nname = "{word}"\nipv4 = "203.0.113.{40 + number}"\nhosts = ["h{number}.example.com"]\n'
        for number, word in enumerate(sorted(words))
    )
    webhooks = f'\n[notifications]\nwebhooks = {json.dumps(WEBHOOKS)}\n\n[[zones]]\nname = "example.com"\n'
    text = replaced(sample_text(), '\n[[zones]]\nname = "example.com"\n', webhooks)
    return write(with_sample_certificate(tmp_path_factory.mktemp("ours")), text + servers)


def test_names_that_are_ids_of_ours_have_ids_of_their_own(named_like_ours: Synthesis) -> None:
    subscriptions = named_like_ours.failover.of_type("AWS::SNS::Subscription").values()
    assert {subscription["Endpoint"] for subscription in subscriptions} == set(WEBHOOKS)
    names = {server.name for server in named_like_ours.settings.servers}
    checks = json.dumps(named_like_ours.failover.of_type("AWS::Route53::HealthCheck"))
    assert [name for name in names if f" {name} " not in checks and f"{name} " not in checks] == []


def test_what_was_there_before_keeps_its_ids(sample: Synthesis, named_like_ours: Synthesis) -> None:
    before, after = (synthesis.failover.document["Resources"].keys() for synthesis in (sample, named_like_ours))
    # The policy that names the hosts is another one.
    policy, _ = sample.failover.only("AWS::IAM::Policy")
    assert before - {policy} <= after


def test_every_output_says_what_it_is(sample: Synthesis) -> None:
    """`cdk deploy` and the console show them; exports that the CDK makes for the other stack are its own."""
    for template in (sample.maintenance, sample.failover):
        outputs = template.document["Outputs"]
        own = {name: output for name, output in outputs.items() if not name.startswith("ExportsOutput")}
        assert own
        assert [name for name, output in own.items() if not output.get("Description")] == []
