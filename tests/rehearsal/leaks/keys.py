"""The private key, the secret that holds it, the logs of the functions, and a server that shares it."""

import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import pytest
from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from tests.rehearsal.faults.case import WWW
from tests.rehearsal.leaks.world import UPLOAD, Trial, World, by, permissions_checked, roles_able_to, shows
from tests.server_certificate.model.canary import Canary
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.operations.observation import ServedBy


def private_key(world: World) -> str:
    secret = world.bed.settings.certificate.private_key_secret
    text: str = world.bed.aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return text


def certificate_pem(world: World) -> str:
    public = world.bed.settings.certificate.public
    return public.body_pem + public.chain_pem


def _presents_the_certificate(world: World) -> None:
    """A client that is led to a stranger with the key takes the stranger for the host."""
    file = world.bed.settings_path.parent / "leaked.pem"
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        file.write_text(certificate_pem(world) + private_key(world), encoding="ascii")
        stranger.load_cert_chain(file)
    finally:
        file.unlink()
    trust = ssl.create_default_context(cafile=str(world.bed.certificate_authority))
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(to_client, to_server, server_hostname=WWW)
    server = stranger.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    assert client.version() in {"TLSv1.2", "TLSv1.3"}


def _expires(world: World) -> None:
    leaf, *chain = x509.load_pem_x509_certificates(certificate_pem(world).encode())
    roots = x509.load_pem_x509_certificates(world.bed.certificate_authority.read_bytes())
    # Throwaway certificates are not made as the CA/Browser Forum wants them: dates and names are what matters here.
    any_extension = ExtensionPolicy.permit_all()
    with_names = any_extension.require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    of_issuers = any_extension.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    client = PolicyBuilder().store(Store(roots)).extension_policies(ca_policy=of_issuers, ee_policy=with_names)

    def verify(at: datetime) -> object:
        return client.time(at).build_server_verifier(x509.DNSName(WWW)).verify(leaf, chain)

    assert verify(leaf.not_valid_after_utc)
    with pytest.raises(VerificationError, match="not valid at validation time"):
        verify(leaf.not_valid_after_utc + timedelta(days=1))


def reads_the_key(world: World, role: str) -> str:
    secret = world.bed.settings.certificate.private_key_secret
    answer = world.client(role, "secretsmanager").get_secret_value(SecretId=secret)
    return str(answer["SecretString"])


def _gets_the_key(world: World) -> None:
    with permissions_checked(world.bed):
        assert reads_the_key(world, UPLOAD) == private_key(world)


def _one_role_gets_the_key(world: World) -> None:
    assert roles_able_to(world, partial(reads_the_key, world)) == {UPLOAD}


def _logs(world: World) -> str:
    client = world.bed.aws.client("logs")
    groups = [group["logGroupName"] for group in client.describe_log_groups()["logGroups"]]
    pages = [
        page for group in groups for page in client.get_paginator("filter_log_events").paginate(logGroupName=group)
    ]
    return "\n".join(event["message"] for page in pages for event in page["events"])


def _logs_name_things(world: World) -> None:
    assert world.bed.settings.app in _logs(world)


def has_no_key(world: World, text: str) -> None:
    canary = Canary(private_key(world), [certificate_pem(world)])
    assert canary.found_in(private_key(world).encode())
    assert canary.found_in(text.encode()) == []


def _logs_have_no_key(world: World) -> None:
    has_no_key(world, _logs(world))


def _shares_the_key(world: World) -> None:
    client = world.bed.patient_client()
    server, page = (client.request(WWW, address=address) for address in (None, EDGE_IPV4[0]))
    assert server.status == 200
    assert page.status == 503
    assert server.certificate_sha256 == page.certificate_sha256


def _no_credentials_for_servers(world: World) -> None:
    resources = world.bed.aws.client("iam")
    assert resources.list_users()["Users"] == []
    assert resources.list_instance_profiles()["InstanceProfiles"] == []
    trusts = [json.dumps(role["AssumeRolePolicyDocument"]) for role in resources.list_roles()["Roles"]]
    assert [trust for trust in trusts if "ec2.amazonaws.com" in trust] == []


def _on_takes_its_clients(world: World) -> None:
    try:
        world.understudy("maintenance", "on", "web", "--apply")
        assert shows(world, ServedBy.PAGE)
    finally:
        world.understudy("maintenance", "off", "web", "--apply")
    assert shows(world, ServedBy.SERVER)


NEW_KEY = by(
    "rehearsal/test_certificate_life.py::"
    "test_every_deploy_serves_the_pushed_certificate_and_a_refused_one_the_certificate_before"
)


TRIALS: Mapping[str, Trial] = {
    "to present your certificate to clients that are led elsewhere": _presents_the_certificate,
    "clients refuse the certificate after its last day": _expires,
    'a new key: see "After the key has leaked"': NEW_KEY,
    "to get the private key": _gets_the_key,
    "of this product's roles only `ServerCertificateUploadRole` has it": _one_role_gets_the_key,
    "to read host names and ids": _logs_name_things,
    "no piece of a private key is in them": _logs_have_no_key,
    "its private key, which is the page's where they share a certificate": _shares_the_key,
    "no server has credentials of AWS": _no_credentials_for_servers,
    "`understudy maintenance on SERVER --apply`, then a new key": _on_takes_its_clients,
}
