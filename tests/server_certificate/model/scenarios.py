"""What CloudFormation does with a certificate, each as a deploy that a fault can befall at any call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from tests.custom_resource.answers import SIGNATURE, Answers
from tests.server_certificate.fake_aws import handler_module
from tests.server_certificate.model.canary import Canary
from tests.server_certificate.model.cloudformation import Stack
from tests.server_certificate.model.timeline import Timeline
from tests.server_certificate.model.wire import Aws, Boto3
from tests.server_certificate.requests import APP, PATH, Issued
from understudy_failover.emulator.server_certificates import QUOTA

TWO_DAYS_SECONDS = 2 * 24 * 3600
_make_client = handler_module("aws")._client.__wrapped__


def issue(authority: trustme.CA, version: str) -> Issued:
    """A certificate whose key is quick to check: thousands are uploaded."""
    issued = authority.issue_cert("www.example.com", key_type=trustme.KeyType.ECDSA)
    body, *chain = (pem.bytes().decode() for pem in issued.cert_chain_pems)
    return Issued(body, "".join(chain), issued.private_key_pem.bytes().decode(), version)


class World:
    """An account with a stack in it, bound to the handler."""

    def __init__(self, certificates: list[Issued], patch: pytest.MonkeyPatch) -> None:
        self.certificates = certificates
        self.time = Timeline()
        self.aws = Aws(self.time)
        self.stack: Stack = Stack(self.aws, _answers())
        self.placed: set[str] = set()
        """Certificates that nobody uploaded through the handler."""
        for certificate in certificates:
            self.aws.files[certificate.key_of_file] = certificate.body + certificate.chain
            self.aws.secrets[certificate.version] = certificate.key
        seam = handler_module("aws")
        patch.setattr(handler_module("aws_client"), "boto3", Boto3(self.aws))
        patch.setattr(seam, "_client", _client)
        patch.setattr(seam, "time", self.time)
        patch.setattr(handler_module("responder"), "time", self.time)
        # Answers repeat from case to case, so that botocore need not parse them again.
        iam, numbers = "understudy_failover.emulator.server_certificates", count(1)
        patch.setattr(f"{iam}.uuid", SimpleNamespace(uuid4=lambda: "request"))
        patch.setattr(f"{iam}.secrets", SimpleNamespace(token_hex=lambda _: f"{next(numbers):017x}"))
        patch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=self.time.sleep, time=self.time.time))
        # Shared by all cases, as clients are; one case never comes near its 500 tokens.
        patch.setattr("botocore.retries.quota.RetryQuota.acquire", lambda *_: True)

    def put(self, name: str, certificate: Issued, path: str = PATH, tag: str = APP) -> None:
        """A certificate that is there already."""
        self.placed.add(name)
        self.aws.put_behind_the_handlers_back(
            ServerCertificateName=name,
            Path=path,
            CertificateBody=certificate.body,
            CertificateChain=certificate.chain,
            PrivateKey=certificate.key,
            **{"Tags.member.1.Key": "understudy:app", "Tags.member.1.Value": tag},
        )

    def wait_two_days(self) -> None:
        """Until everything is old enough to be an orphan, and no change of CloudFront's is under way."""
        self.time.sleep(TWO_DAYS_SECONDS)

    def violations(self) -> list[str]:
        """Which invariants do not hold at this moment."""
        stack, faults = self.stack, list[str]()
        if stack.attached and stack.attached not in self.aws.names():
            faults.append(f"{stack.attached} was deleted while the distribution uses it")
        said = "\n".join(stack.outputs)
        known = {stack.physical_id, stack.attached, *stack.unheard, *self.placed}
        faults += [f"{name} was left without a word" for name in self.aws.names() - known if name not in said]
        if SIGNATURE in said:
            faults.append("the ResponseURL was logged")
        for certificate in self.certificates:
            canary = _canary(certificate.key, tuple(other.body + other.chain for other in self.certificates))
            faults += [f"a piece of the key was logged: {window!r}" for window in canary.found_in(said.encode())]
        return faults

    def foreign(self) -> set[str]:
        """Certificates that are none of the stack's."""
        return {name for name in self.aws.names() if name.startswith("foreign-")}


_canary = cache(Canary)


@cache
def _client(service: str) -> Any:
    """The handler's own client, made once: each making registers the handler's rule for retries again."""
    return _make_client(service)


@cache
def _answers() -> Answers:
    """One for all cases, which come one after the other; it ends with the process."""
    answers = Answers()
    answers.__enter__()
    return answers


@dataclass(frozen=True)
class Scenario:
    """`prepare` without faults, then `run` with one; afterwards `wanted` (an index) is deployed again without."""

    name: str
    prepare: Callable[[World], Any]
    run: Callable[[World], Any]
    wanted: int | None = 0


def _nothing(_: World) -> None: ...


def _first_is_deployed(world: World) -> None:
    assert world.stack.deploy(world.certificates[0])


def _deploy(index: int, **how: bool) -> Callable[[World], Any]:
    return lambda world: world.stack.deploy(world.certificates[index], **how)


def _twice(world: World) -> None:
    world.stack.sends_twice = True


def _first_is_deployed_then_all_comes_twice(world: World) -> None:
    _first_is_deployed(world)
    _twice(world)


def _orphan_of_old(world: World) -> None:
    _first_is_deployed(world)
    world.put(f"{APP}-00000000000000aa", world.certificates[2])
    world.wait_two_days()


def _full(world: World) -> None:
    _orphan_of_old(world)
    for number in range(QUOTA - len(world.aws.names())):
        world.put(f"foreign-{number}", world.certificates[2], path="/", tag="another")


def _answers_get_lost(world: World) -> None:
    world.stack.loses_answers = [503, 0]


def _first_is_deployed_then_answers_get_lost(world: World) -> None:
    _first_is_deployed(world)
    _answers_get_lost(world)


def _held_for_minutes(world: World) -> None:
    _first_is_deployed(world)
    world.stack.release_after_seconds = 5 * 60


def _held_for_an_hour(world: World) -> None:
    _first_is_deployed(world)
    world.stack.release_after_seconds = 60 * 60


def _late(world: World) -> None:
    world.aws.iam._delay_seconds = 7


def _new_version(world: World) -> None:
    first = world.certificates[0]
    again = replace(first, version=f"{first.version[:-1]}f")
    world.aws.secrets[again.version] = again.key
    world.certificates[0] = again
    world.stack.deploy(again)


def _refused_after_the_first_was_lost(world: World) -> None:
    stack = world.stack
    first = world.certificates[0]
    stack.attached, stack.attached_id = None, ""
    world.aws.lose(first.name)
    stack.deploy(world.certificates[1], refused=True)


SCENARIOS = [
    Scenario("first deploy", _nothing, _deploy(0)),
    Scenario("first deploy, visible late", _late, _deploy(0)),
    Scenario("first deploy, delivered twice", _twice, _deploy(0)),
    Scenario("first deploy, answers get lost", _answers_get_lost, _deploy(0)),
    Scenario("first deploy finds an orphan", lambda w: w.put(w.certificates[0].name, w.certificates[0]), _deploy(0)),
    Scenario("first deploy refused", _nothing, _deploy(0, refused=True)),
    Scenario("deploy without a change", _first_is_deployed, _deploy(0)),
    Scenario("another version of the secret", _first_is_deployed, _new_version),
    Scenario("renewal", _first_is_deployed, _deploy(1), wanted=1),
    Scenario("renewal, delivered twice", _first_is_deployed_then_all_comes_twice, _deploy(1), wanted=1),
    Scenario("renewal, answers get lost", _first_is_deployed_then_answers_get_lost, _deploy(1), wanted=1),
    Scenario("renewal while CloudFront holds on for minutes", _held_for_minutes, _deploy(1), wanted=1),
    Scenario("renewal while CloudFront holds on for an hour", _held_for_an_hour, _deploy(1), wanted=1),
    Scenario("renewal with an orphan about", _orphan_of_old, _deploy(1), wanted=1),
    Scenario("renewal with IAM full", _full, _deploy(1), wanted=1),
    Scenario("renewal refused", _first_is_deployed, _deploy(1, refused=True)),
    Scenario("renewal refused, then wanted again", _first_is_deployed, _deploy(1, refused=True), wanted=1),
    Scenario("renewal cancelled", _first_is_deployed, _deploy(1, cancelled=True), wanted=1),
    Scenario("rollback to a certificate that is gone", _first_is_deployed, _refused_after_the_first_was_lost),
    Scenario("destroy", _first_is_deployed, lambda w: w.stack.destroy(), wanted=None),
    Scenario("destroy while CloudFront holds on", _held_for_minutes, lambda w: w.stack.destroy(), wanted=None),
]
