"""From MiniStack's APIs to what viewers and resolvers see: all that is here is made by boto3 and seen from outside."""

import asyncio
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.emulator.support import LIMIT_SECONDS, Authority, Issued, Viewed, careless, distribution_config, fetch
from tests.emulator.test_zone_answers import ttls, values
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.control import ControlError
from understudy_failover.emulator.network import EDGE_IPV4, EDGE_IPV6

ZONE = "Z0MINISTACK"
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
PAGE = b"<p>maintenance</p>"


def alias_to(domain_name: str) -> dict[str, Any]:
    target = {"DNSName": domain_name, "HostedZoneId": CLOUDFRONT_ZONE, "EvaluateTargetHealth": False}
    return {"AliasTarget": target}


class World:
    """A hosted zone, and distributions of one bucket under one certificate."""

    def __init__(self, aws: EmbeddedAws, authority: Authority) -> None:
        self.aws = aws
        self.route53, self.cloudfront, self.s3 = map(aws.client, ("route53", "cloudfront", "s3"))
        self.parts: Issued = authority.issue("*.ministack.test")
        self.trusting = authority.trusting()
        uploaded = aws.client("iam").upload_server_certificate(
            ServerCertificateName="ministack",
            Path="/cloudfront/test/",
            CertificateBody=self.parts.body_pem,
            CertificateChain=self.parts.chain_pem,
            PrivateKey=self.parts.private_key_pem,
        )
        self.certificate_id: str = uploaded["ServerCertificateMetadata"]["ServerCertificateId"]
        aws.control.create_hosted_zone(id=ZONE, name="Ministack.test")
        self.create_bucket("ministack-site")

    def create_bucket(self, name: str, *statements: dict[str, Any]) -> None:
        """Create a bucket with the page, which is public unless `statements` deny it."""
        self.s3.create_bucket(Bucket=name)
        self.s3.put_object(Bucket=name, Key="index.html", Body=PAGE, ContentType="text/html")
        resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resources[1]}
        policy = {
            "Version": "2012-10-17",
            "Statement": [allow, *({"Resource": resources, **statement} for statement in statements)],
        }
        self.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))

    def put(self, name: str, kind: str, **record: Any) -> None:
        """UPSERT of one record set."""
        record_set = {"Name": name, "Type": kind, **record}
        if "values" in record:
            record_set["ResourceRecords"] = [{"Value": value} for value in record_set.pop("values")]
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record_set}]}
        self.route53.change_resource_record_sets(HostedZoneId=ZONE, ChangeBatch=batch)

    def distribute(self, alias: str, **changes: Any) -> str:
        """Create a distribution with an alias, and A and AAAA records to it; return its domain name."""
        config = distribution_config(alias, certificate_id=self.certificate_id, bucket="ministack-site", **changes)
        created = self.cloudfront.create_distribution(DistributionConfig=config)
        domain_name: str = created["Distribution"]["DomainName"]
        for kind in ("A", "AAAA"):
            self.put(alias, kind, **alias_to(domain_name))
        return domain_name

    def ask(self, name: str, kind: str = "A") -> dns.message.Message:
        host, port = self.aws.nameserver
        return dns.query.udp(dns.message.make_query(name, kind), host, LIMIT_SECONDS, port)

    def fetch(self, url: str, **arguments: Any) -> Viewed:
        return fetch(self.aws.gateway, url, tls=self.trusting, **arguments)


@pytest.fixture(scope="module")
def world(aws: EmbeddedAws, authority: Authority) -> Iterator[World]:
    instance = World(aws, authority)
    yield instance
    for distribution in instance.cloudfront.list_distributions()["DistributionList"].get("Items", []):
        current = instance.cloudfront.get_distribution_config(Id=distribution["Id"])
        config = {**current["DistributionConfig"], "Enabled": False}
        etag = instance.cloudfront.update_distribution(
            Id=distribution["Id"], DistributionConfig=config, IfMatch=current["ETag"]
        )
        instance.cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=etag["ETag"])
    aws.client("iam").delete_server_certificate(ServerCertificateName="ministack")


# --- record sets


def test_a_record_set_is_answered_as_soon_as_it_exists_and_no_more_when_it_is_gone(world: World) -> None:
    assert world.ask("now.ministack.test.").rcode() == dns.rcode.NXDOMAIN
    world.put("now.ministack.test.", "A", TTL=45, values=["203.0.113.1", "203.0.113.2"])
    reply = world.ask("now.ministack.test.")
    assert sorted(values(reply)) == ["203.0.113.1", "203.0.113.2"]
    assert ttls(reply) == {45}
    record_set = {
        "Name": "now.ministack.test.",
        "Type": "A",
        "TTL": 45,
        "ResourceRecords": [{"Value": "203.0.113.1"}, {"Value": "203.0.113.2"}],
    }
    changes = [{"Action": "DELETE", "ResourceRecordSet": record_set}]
    world.route53.change_resource_record_sets(HostedZoneId=ZONE, ChangeBatch={"Changes": changes})
    assert world.ask("now.ministack.test.").rcode() == dns.rcode.NXDOMAIN


def test_names_are_found_in_any_case_and_without_a_trailing_dot(world: World) -> None:
    world.put("MiXed.ministack.test", "A", TTL=60, values=["203.0.113.3"])
    assert values(world.ask("mixed.MINISTACK.test.")) == ["203.0.113.3"]


@pytest.mark.parametrize("spelling", ["*", "\\052"])
def test_a_wildcard_is_one_in_both_of_route_53s_spellings(world: World, spelling: str) -> None:
    world.put(f"{spelling}.wild.ministack.test.", "A", TTL=60, values=["203.0.113.4"])
    assert values(world.ask("any.wild.ministack.test.")) == ["203.0.113.4"]


def test_a_failover_pair_is_answered_by_the_health_of_its_primary(world: World) -> None:
    domain_name = world.distribute("pair-target.ministack.test")
    config = {"Type": "CLOUDWATCH_METRIC", "Inverted": True}
    created = world.route53.create_health_check(CallerReference="pair", HealthCheckConfig=config)
    world.put(
        "pair.ministack.test.",
        "A",
        TTL=30,
        values=["203.0.113.5"],
        SetIdentifier="primary",
        Failover="PRIMARY",
        HealthCheckId=created["HealthCheck"]["Id"],
    )
    world.put("pair.ministack.test.", "A", SetIdentifier="secondary", Failover="SECONDARY", **alias_to(domain_name))
    # Inverted, and of a kind that never has data here: unhealthy.
    reply = world.ask("pair.ministack.test.")
    assert sorted(values(reply)) == sorted(EDGE_IPV4)
    assert ttls(reply) == {60}
    world.route53.delete_health_check(HealthCheckId=created["HealthCheck"]["Id"])


def test_a_new_hosted_zone_has_soa_and_ns(world: World) -> None:
    assert len(values(world.ask("ministack.test.", "SOA"))) == 1
    assert len(values(world.ask("ministack.test.", "NS"))) == 4


def test_a_hosted_zone_of_the_api_is_answered_too(world: World) -> None:
    world.route53.create_hosted_zone(Name="api-made.test", CallerReference="api-made")
    assert world.ask("api-made.test.", "SOA").rcode() == dns.rcode.NOERROR


def test_a_private_hosted_zone_is_not_answered(world: World) -> None:
    world.route53.create_hosted_zone(
        Name="private.test", CallerReference="private", VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-1"}
    )
    assert world.ask("private.test.", "SOA").rcode() == dns.rcode.REFUSED


def test_a_hosted_zones_id_cannot_be_taken_twice(world: World) -> None:
    with pytest.raises(ControlError, match=f"{ZONE} exists already; choose another id"):
        world.aws.control.create_hosted_zone(id=ZONE, name="other.test")
    assert world.ask("other.test.", "SOA").rcode() == dns.rcode.REFUSED


# --- distributions


def test_a_viewer_reaches_the_site_by_name_with_the_certificate_of_iam(world: World) -> None:
    world.distribute("site.ministack.test")
    viewed = world.fetch("https://site.ministack.test/index.html")
    assert (viewed.status, viewed.body) == (200, PAGE)
    assert viewed.headers["content-type"] == "text/html"
    assert viewed.certificate_der == world.parts.der


def test_an_alias_has_the_edges_addresses_and_ipv6_only_where_it_is_enabled(world: World) -> None:
    world.distribute("six.ministack.test", IsIPV6Enabled=True)
    world.distribute("four.ministack.test", IsIPV6Enabled=False)
    assert sorted(values(world.ask("six.ministack.test.", "AAAA"))) == sorted(EDGE_IPV6)
    assert values(world.ask("four.ministack.test.", "AAAA")) == []
    assert sorted(values(world.ask("four.ministack.test."))) == sorted(EDGE_IPV4)


def test_a_disabled_distribution_answers_nobody(world: World) -> None:
    world.distribute("off.ministack.test", Enabled=False)
    assert world.fetch("http://off.ministack.test/index.html").status == 403


def test_a_viewer_protocol_policy_redirects_plain_http(world: World) -> None:
    behavior = {**distribution_config()["DefaultCacheBehavior"], "ViewerProtocolPolicy": "redirect-to-https"}
    world.distribute("redirect.ministack.test", DefaultCacheBehavior=behavior)
    viewed = world.fetch("http://redirect.ministack.test/index.html?a=b")
    assert (viewed.status, viewed.headers["location"]) == (301, "https://redirect.ministack.test/index.html?a=b")
    assert world.fetch("https://redirect.ministack.test/index.html").status == 200


@pytest.mark.parametrize(("versions", "agreed"), [("http1.1", "http/1.1"), ("http2", "h2"), ("http2and3", "h2")])
def test_the_http_versions_of_a_distribution_are_what_alpn_offers(world: World, versions: str, agreed: str) -> None:
    alias = f"{versions.replace('.', '')}.ministack.test"
    world.distribute(alias, HttpVersion=versions)

    async def scenario() -> str | None:
        reader, writer = await asyncio.open_connection(*world.aws.gateway)
        writer.write(f"CONNECT {alias}:443 HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await writer.start_tls(careless("h2", "http/1.1"), server_hostname=alias)
        handshake: ssl.SSLObject = writer.get_extra_info("ssl_object")
        writer.transport.abort()
        return handshake.selected_alpn_protocol()

    assert asyncio.run(scenario()) == agreed


@dataclass(frozen=True)
class Function:
    """A CloudFront Function that shows what it is given."""

    name: str = "shows-the-request"
    code: bytes = b"""
        function handler(event) {
            var request = event.request;
            var shown = {uri: request.uri, host: request.headers.host.value, method: request.method,
                         query: request.querystring, cookies: request.cookies};
            return {statusCode: 503, statusDescription: 'Later', headers: {'retry-after': {value: '120'}},
                    body: {encoding: 'text', data: JSON.stringify(shown)}};
        }
    """


def test_a_function_at_the_edge_sees_the_viewers_own_host(world: World) -> None:
    function = Function()
    created = world.cloudfront.create_function(
        Name=function.name,
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=function.code,
    )
    arn = created["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    world.cloudfront.publish_function(Name=function.name, IfMatch=created["ETag"])
    behavior = {
        **distribution_config()["DefaultCacheBehavior"],
        "FunctionAssociations": {
            "Quantity": 1,
            "Items": [{"EventType": "viewer-request", "FunctionARN": arn}],
        },
    }
    world.distribute("function.ministack.test", DefaultCacheBehavior=behavior)
    viewed = world.fetch("https://function.ministack.test/any/path?a=b", headers={"Cookie": "c=d"})
    assert (viewed.status, viewed.headers["retry-after"]) == (503, "120")
    shown = json.loads(viewed.body)
    assert (shown["host"], shown["uri"]) == ("function.ministack.test", "/any/path")
    assert shown["query"]["a"]["value"] == "b"
    assert shown["cookies"]["c"]["value"] == "d"


# --- the viewer's protocol reaches S3


@pytest.fixture(scope="module")
def tls_only_site(world: World) -> str:
    """A site whose bucket takes requests over TLS alone."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    world.create_bucket(
        "ministack-tls-only", {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": insecure}
    )
    origins = distribution_config(bucket="ministack-tls-only")["Origins"]
    world.distribute("tls-only.ministack.test", Origins=origins)
    return "tls-only.ministack.test"


def test_a_bucket_that_denies_plain_http_is_403_for_a_plain_http_viewer_and_200_for_https(
    world: World, tls_only_site: str
) -> None:
    """In both orders: nothing of one viewer's protocol may stick to the next."""
    for scheme, expected in (("http", 403), ("https", 200), ("http", 403)):
        viewed = world.fetch(f"{scheme}://{tls_only_site}/index.html")
        assert (scheme, viewed.status) == (scheme, expected)
        assert (viewed.body == PAGE) is (expected == 200)
