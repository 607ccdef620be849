"""What `cdk diff` shows after a change of the settings, and what it must not show."""

from collections.abc import Iterator
from typing import Any

from tests.stacks.templates import Synthesis, Template

Path = tuple[str, ...]


def _differences(old: Any, new: Any, path: Path = ()) -> Iterator[Path]:
    """Where two templates differ; a list counts as one value."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key), new.get(key), (*path, key))
    elif old != new:
        yield path


def _changes(old: Template, new: Template) -> set[Path]:
    return set(_differences(old.document, new.document))


def test_a_renewal_changes_only_what_the_custom_resource_says_of_the_certificate(
    sample: Synthesis, renewed: Synthesis
) -> None:
    certificate, _ = sample.maintenance.only("Custom::ServerCertificate")
    contents = {"ContentSha256", "Fingerprint", "Issuer", "NotAfter", "ServerCertificateName", "Summary"}
    assert _changes(sample.maintenance, renewed.maintenance) == {
        *(("Resources", certificate, "Properties", name) for name in contents),
        ("Resources", certificate, "Properties", "PublicHalf", "Key"),
    }


def test_a_renewal_changes_the_name_that_becomes_the_physical_id(sample: Synthesis, renewed: Synthesis) -> None:
    names = [
        synthesis.maintenance.only("Custom::ServerCertificate")[1]["ServerCertificateName"]
        for synthesis in (sample, renewed)
    ]
    assert len(set(names)) == 2
    assert all(name.startswith(f"{sample.settings.app}-") for name in names)


def test_a_renewal_changes_nothing_in_the_failover_stack(sample: Synthesis, renewed: Synthesis) -> None:
    assert _changes(sample.failover, renewed.failover) == set()


def test_the_order_of_servers_and_hosts_changes_nothing_of_the_maintenance_page(
    sample: Synthesis, reordered: Synthesis
) -> None:
    assert sample.settings.host_names != reordered.settings.host_names, "the settings show nothing"
    assert _changes(sample.maintenance, reordered.maintenance) == set()


def test_the_order_of_servers_and_hosts_replaces_no_record_set_and_no_health_check(
    sample: Synthesis, reordered: Synthesis
) -> None:
    # A health check without a host name of its own asks for the first host, and the gate says so: all that an
    # order decides.
    for path in _changes(sample.failover, reordered.failover):
        assert path[2:] in {
            ("Properties", "HealthCheckConfig", "FullyQualifiedDomainName"),
            ("Properties", "Checks"),
            ("Metadata", "Purpose"),
            ("DependsOn",),
        }


def test_a_new_host_and_a_new_server_only_add_to_the_failover_stack(sample: Synthesis, extended: Synthesis) -> None:
    old, new = sample.failover.document, extended.failover.document
    # Two pairs for a host with IPv6; three health checks, a gate, one pair and two alarms for a server without.
    assert len(new["Resources"]) == len(old["Resources"]) + 4 + 4 + 2 + 2
    cutover, _ = sample.failover.only("Custom::RecordCutover")
    for path in _changes(sample.failover, extended.failover):
        section, name = path[:2]
        # The policy that names the hosts is another one.
        assert (
            name not in old[section]
            or path[1:] in {(cutover, "DependsOn"), (cutover, "Properties", "Hosts")}
            or old[section][name]["Type"] == "AWS::IAM::Policy"
        ), path


def test_a_new_host_and_a_new_server_add_names_and_pages_to_the_maintenance_page(
    sample: Synthesis, extended: Synthesis
) -> None:
    template = sample.maintenance
    distribution, _ = template.only("AWS::CloudFront::Distribution")
    deployment, _ = template.only("Custom::CDKBucketDeployment", "Site")
    (function,) = (
        logical_id
        for logical_id, resource in template.of_type("AWS::CloudFront::Function").items()
        if resource["Name"].endswith("viewer-request")
    )
    monitor, _ = template.only("AWS::Lambda::Function", "Monitor")
    edge_test, _ = template.only("Custom::EdgeTest")
    schedules, _ = template.only("AWS::IAM::Role", "Schedules")
    switches, _ = template.only("AWS::S3::BucketPolicy", "Switch")
    assert _changes(template, extended.maintenance) == {
        # It is told whom to ask.
        ("Resources", monitor, "Properties", "Code", "S3Key"),
        ("Resources", distribution, "Properties", "DistributionConfig", "Aliases"),
        ("Resources", deployment, "Metadata", "FilesSha256"),
        ("Resources", deployment, "Properties", "SourceObjectKeys"),
        ("Resources", function, "Properties", "FunctionCode"),
        # What is tested before it is deployed.
        ("Resources", edge_test, "Properties", "Functions", "Key"),
        # The server's switch is named to whoever writes it, and to CloudFront.
        ("Resources", schedules, "Properties", "Policies"),
        ("Resources", switches, "Properties", "PolicyDocument", "Statement"),
    }
