"""Read access to the access logs, write access to a hosted zone, and names that a distribution had."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from tests.rehearsal.faults.case import NOBODY, WWW
from tests.rehearsal.leaks.world import Trial, World, by, roles_able_to
from tests.rehearsal.looking import server_named
from tests.rehearsal.verifying import distribution, record_added, record_changed
from understudy_failover.rehearsal.bed import RehearsalBed


def _is_logged(world: World) -> None:
    buckets = world.buckets
    logging = distribution(world.bed)["DistributionConfig"]["Logging"]
    assert logging["Enabled"]
    assert logging["Bucket"].startswith(f"{buckets['logs']}.")
    for bucket in ("site", "switch"):
        bucket_logging = world.bed.aws.client("s3").get_bucket_logging(Bucket=buckets[bucket])["LoggingEnabled"]
        assert bucket_logging["TargetBucket"] == buckets["logs"]


def _no_role_reads_logs(world: World) -> None:
    bucket = world.buckets["logs"]

    def read(role: str) -> object:
        return world.client(role, "s3").get_object(Bucket=bucket, Key="cloudfront/E1.gz")

    assert roles_able_to(world, read) == set()


def _logs_are_deleted(world: World) -> None:
    s3, logs = world.bed.aws.client("s3"), world.bed.settings.access_logs
    assert logs
    rules = s3.get_bucket_lifecycle_configuration(Bucket=world.buckets["logs"])["Rules"]
    assert [rule["Expiration"]["Days"] for rule in rules if "Expiration" in rule] == [logs.keep_days]


def _led_elsewhere(bed: RehearsalBed) -> AbstractContextManager[None]:
    return record_changed(bed, WWW, "A", "PRIMARY", lambda record: {**record, "ResourceRecords": [{"Value": NOBODY}]})


def _leads_hosts_anywhere(world: World) -> None:
    with _led_elsewhere(world.bed):
        assert world.bed.name_server().addresses(WWW, "A") == (NOBODY,)


def _answers_challenges(world: World) -> None:
    name = f"_acme-challenge.{WWW}"
    with record_added(world.bed, name, "TXT", '"answer"'):
        assert "answer" in str(world.bed.name_server().records(name, "TXT"))


def _the_host_is_named(world: World) -> None:
    with _led_elsewhere(world.bed):
        assert NOBODY in world.verify("record pairs")


def repair_leads_back(world: World) -> None:
    with _led_elsewhere(world.bed):
        world.understudy("repair", "--apply")
        assert world.bed.name_server().addresses(WWW, "A") == (str(server_named(world.bed, "web").ipv4),)


TRIALS: Mapping[str, Trial] = {
    "to read what CloudFront and S3 log: who asked the page for what": _is_logged,
    "of this product's roles none has it": _no_role_reads_logs,
    "S3 deletes logs after `keep_days`": _logs_are_deleted,
    "without `[access_logs]` there is no bucket": by(
        "stacks/test_access_logs.py::test_without_the_table_nothing_logs_and_there_is_no_bucket_for_it"
    ),
    "to lead every host anywhere": _leads_hosts_anywhere,
    "to answer the challenges of a CA": _answers_challenges,
    "`understudy verify` names the host": _the_host_is_named,
    "After `understudy destroy` every host is answered with its server's addresses.": by(
        "rehearsal/test_record_import.py::test_names_in_use_go_in_and_out_and_are_answered_by_their_servers_all_the_while"
    ),
    "CloudFront gives an alternate domain name to somebody else only with a certificate that covers it.": by(
        "emulator/test_viewer_certificates.py::test_an_alias_that_the_certificate_does_not_cover_is_refused"
    ),
}
