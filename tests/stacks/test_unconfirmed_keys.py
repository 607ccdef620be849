"""A certificate of a kind that nobody has confirmed for IAM: synthesis says so, and goes on, `--strict` or not."""

import json
from pathlib import Path

import pytest
import trustme

from tests.stacks.conftest import Write
from tests.stacks.templates import Synthesis, issue_certificate, sample_text

NAMES = ("example.com", "*.example.com", "*.example.org")


@pytest.fixture(scope="module")
def elliptic(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Synthesis:
    """The sample with an ECDSA P-256 certificate."""
    folder = tmp_path_factory.mktemp("elliptic")
    return write(issue_certificate(folder, *NAMES, key_type=trustme.KeyType.ECDSA), sample_text())


def annotations(folder: Path) -> list[tuple[str, str]]:
    """Kind and text of everything that the CDK's command line shows of a synthesis."""
    collected = []
    for artifact in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"].values():
        metadata = artifact.get("metadata", {})
        if extra := artifact.get("additionalMetadataFile"):
            metadata |= json.loads((folder / extra).read_text(encoding="utf-8"))
        for entries in metadata.values():
            collected += [(entry["type"], str(entry["data"])) for entry in entries]
    return [entry for entry in collected if entry[0] in {"aws:cdk:info", "aws:cdk:warning", "aws:cdk:error"}]


def test_an_unconfirmed_key_is_reported_as_information(elliptic: Synthesis) -> None:
    [(kind, text)] = annotations(elliptic.folder)
    assert kind == "aws:cdk:info", "a warning would fail `cdk synth --strict`"
    assert text.startswith(
        "The certificate has a key of type EC P-256. CloudFront documents it for certificates in ACM"
    )


def test_nothing_is_reported_rsa_2048(sample: Synthesis) -> None:
    assert annotations(sample.folder) == []
