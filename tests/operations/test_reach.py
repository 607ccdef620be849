"""The options that lead to a world outside AWS's APIs."""

import argparse
from pathlib import Path

import pytest

from understudy_failover import cli as entry
from understudy_failover.operations.reach import add_arguments, address, authorities, from_arguments


def _arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_without_options_everything_is_the_internets_own() -> None:
    reach = from_arguments(_arguments())
    assert (reach.name_server, reach.resolvers, reach.proxy) == (None, (), None)


def test_each_option_is_read() -> None:
    words = (
        "--name-server",
        "127.0.0.1:5301",
        "--resolver",
        "[::1]:5302",
        "--resolver",
        "127.0.0.1:53",
        "--proxy",
        "localhost:5303",
    )
    reach = from_arguments(_arguments(*words))
    assert reach.name_server == ("127.0.0.1", 5301)
    assert reach.resolvers == (("::1", 5302), ("127.0.0.1", 53))
    assert reach.proxy == ("localhost", 5303)
    assert [str(resolver) for resolver in reach.asked_resolvers()] == ["::1 port 5302", "127.0.0.1"]
    assert str(reach.asked_resolver()) == "::1 port 5302"


def test_with_an_embedded_aws_and_public_dns_no_command_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`verify` would advise to change the registrar of hosts that only the embedded AWS has."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    for words in (["verify"], ["preflight"], ["status"], ["drill", "web"], ["certificate", "show"]):
        assert entry.main(words) == 2
        message = capsys.readouterr().err
        assert "http://127.0.0.1:4566 is an embedded AWS" in message
        assert f"understudy {words[0]} … $WORLD" in message
    assert from_arguments(_arguments("--proxy", "127.0.0.1:5303")).proxy == ("127.0.0.1", 5303)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://vpce-1.example.com")
    assert from_arguments(_arguments()).proxy is None


@pytest.mark.parametrize("text", ["127.0.0.1", ":53", "host:", "host:x", "host:0", "host:65536"])
def test_what_is_no_address_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"is no HOST:PORT; write it like 127\.0\.0\.1:5353"):
        address(text)


def test_a_file_of_cas_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"none\.pem: No such file"):
        authorities(str(tmp_path / "none.pem"))


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing", encoding="ascii")
    with pytest.raises(argparse.ArgumentTypeError, match=r"name a file with certificates in PEM"):
        authorities(str(tmp_path / "ca.pem"))
