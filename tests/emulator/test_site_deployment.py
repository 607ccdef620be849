"""Custom::CDKBucketDeployment: the provisioner on MiniStack's S3, and once through CloudFormation."""

import io
import itertools
import zipfile
from typing import Any

import pytest

from tests.emulator.support import Stack
from understudy_failover.emulator import EmbeddedAws
from understudy_failover.emulator.site_deployment import UnsupportedDeploymentError, provisioner

NUMBERS = itertools.count()


class World:
    """A bucket of assets, a bucket of a site, and deployments from one to the other."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3
        number = next(NUMBERS)
        self.assets, self.site = f"assets-{number}", f"site-{number}"
        for bucket in (self.assets, self.site):
            s3.create_bucket(Bucket=bucket)
        self.provisioner = provisioner(lambda: s3)

    def asset(self, **files: bytes) -> str:
        """Upload a zip of `files`; `a__b_html` stands for a/b.html. Answers its key."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            for name, content in files.items():
                opened.writestr(name.replace("__", "/").replace("_", "."), content)
        key = f"{next(NUMBERS)}.zip"
        self.s3.put_object(Bucket=self.assets, Key=key, Body=archive.getvalue())
        return key

    def properties(self, *keys: str, **more: Any) -> dict[str, Any]:
        """Return properties as CloudFormation passes them: booleans are strings or booleans."""
        return {
            "SourceBucketNames": [self.assets] * len(keys),
            "SourceObjectKeys": list(keys),
            "DestinationBucketName": self.site,
            "OutputObjectKeys": True,
            **more,
        }

    def create(self, *keys: str, **more: Any) -> tuple[str, dict[str, Any]]:
        result: tuple[str, dict[str, Any]] = self.provisioner["create"](
            "Deployment", self.properties(*keys, **more), "stack"
        )
        return result

    def update(self, *keys: str, **more: Any) -> str:
        physical_id: str = self.provisioner["update"]("id", {}, self.properties(*keys, **more), "stack")[0]
        return physical_id

    def delete(self, **more: Any) -> None:
        self.provisioner["delete"]("id", self.properties(**more))

    def content(self) -> dict[str, bytes]:
        listing = self.s3.list_objects_v2(Bucket=self.site).get("Contents", [])
        return {
            entry["Key"]: self.s3.get_object(Bucket=self.site, Key=entry["Key"])["Body"].read() for entry in listing
        }

    def head(self, key: str) -> dict[str, Any]:
        result: dict[str, Any] = self.s3.head_object(Bucket=self.site, Key=key)
        return result

    def put(self, **objects: bytes) -> None:
        for name, content in objects.items():
            self.s3.put_object(Bucket=self.site, Key=name.replace("__", "/").replace("_", "."), Body=content)


@pytest.fixture(scope="module")
def s3(aws: EmbeddedAws) -> Any:
    return aws.client("s3")


@pytest.fixture(scope="module")
def cloudformation(aws: EmbeddedAws) -> Any:
    return aws.client("cloudformation")


@pytest.fixture
def world(s3: Any) -> World:
    return World(s3)


def test_the_files_of_a_source_become_objects(world: World) -> None:
    world.create(world.asset(index_html=b"page", assets__logo_svg=b"<svg/>"))
    assert world.content() == {"index.html": b"page", "assets/logo.svg": b"<svg/>"}


def test_the_files_of_all_sources_become_objects_and_the_last_one_wins(world: World) -> None:
    first, second = world.asset(a_txt=b"1", b_txt=b"1"), world.asset(b_txt=b"2", c_txt=b"2")
    world.create(first, second, SourceMarkers=[{}, {}])
    assert world.content() == {"a.txt": b"1", "b.txt": b"2", "c.txt": b"2"}


def test_a_prefix_goes_before_every_key(world: World) -> None:
    world.create(world.asset(index_html=b"page"), DestinationBucketKeyPrefix="/maintenance/")
    assert world.content() == {"maintenance/index.html": b"page"}


def test_folders_of_the_archive_become_no_objects(world: World) -> None:
    world.create(world.asset(folder__=b"", folder__a_txt=b"1"))
    assert world.content() == {"folder/a.txt": b"1"}


def test_markers_of_each_source_are_replaced_in_that_source_alone(world: World) -> None:
    first, second = world.asset(a_txt=b"<<0>> and <<1>>, <<0>>"), world.asset(b_txt=b"<<0>>")
    world.create(first, second, SourceMarkers=[{"<<0>>": "zero", "<<1>>": "Zürich"}, {}])
    assert world.content() == {"a.txt": "zero and Zürich, zero".encode(), "b.txt": b"<<0>>"}


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("index_html", "text/html"),
        ("a_css", "text/css"),
        ("a_svg", "image/svg+xml"),
        ("unknown", "binary/octet-stream"),
    ],
)
def test_the_content_type_is_guessed_from_the_name(world: World, name: str, content_type: str) -> None:
    world.create(world.asset(**{name: b"x"}))
    assert world.head(name.replace("_", "."))["ContentType"] == content_type


def test_system_metadata_come_before_what_is_guessed(world: World) -> None:
    world.create(
        world.asset(index_html=b"page"),
        SystemMetadata={
            "cache-control": "no-store",
            "content-type": "text/html; charset=utf-8",
            "content-language": "de",
            "content-disposition": "inline",
            "content-encoding": "identity",
        },
    )
    result = world.head("index.html")
    assert result["CacheControl"] == "no-store"
    assert result["ContentType"] == "text/html; charset=utf-8"
    assert result["ContentLanguage"] == "de"
    assert result["ContentDisposition"] == "inline"
    assert result["ContentEncoding"] == "identity"


@pytest.mark.parametrize("prune", [True, "true", None])
def test_what_is_in_no_source_is_pruned(world: World, prune: object) -> None:
    world.put(old_html=b"old")
    world.create(world.asset(index_html=b"page"), **({} if prune is None else {"Prune": prune}))
    assert world.content() == {"index.html": b"page"}


@pytest.mark.parametrize("prune", [False, "false"])
def test_without_pruning_it_stays(world: World, prune: object) -> None:
    world.put(old_html=b"old")
    world.create(world.asset(index_html=b"page"), Prune=prune)
    assert world.content() == {"index.html": b"page", "old.html": b"old"}


def test_only_what_lies_below_the_prefix_is_pruned(world: World) -> None:
    world.put(other__a_txt=b"1", maintenance__old_html=b"old", maintenance2__b_txt=b"2")
    world.create(world.asset(index_html=b"page"), DestinationBucketKeyPrefix="maintenance")
    assert set(world.content()) == {"other/a.txt", "maintenance/index.html", "maintenance2/b.txt"}


def test_an_update_puts_the_new_files_and_keeps_the_physical_id(world: World) -> None:
    world.create(world.asset(index_html=b"old", gone_html=b"old"))
    assert world.update(world.asset(index_html=b"new")) == "id"
    assert world.content() == {"index.html": b"new"}


@pytest.mark.parametrize("retain", [False, "false"])
def test_the_objects_are_deleted_with_the_deployment_if_they_are_not_to_be_kept(world: World, retain: object) -> None:
    world.create(world.asset(index_html=b"page"))
    world.delete(RetainOnDelete=retain)
    assert world.content() == {}


@pytest.mark.parametrize("more", [{}, {"RetainOnDelete": True}, {"RetainOnDelete": "true"}])
def test_the_objects_stay_otherwise(world: World, more: dict[str, object]) -> None:
    world.create(world.asset(index_html=b"page"))
    world.delete(**more)
    assert world.content() == {"index.html": b"page"}


@pytest.mark.parametrize(
    ("tag", "prefix", "retained"),
    [
        ("aws-cdk:cr-owned:12345678", "", True),
        ("aws-cdk:cr-owned:maintenance:12345678", "maintenance", True),
        ("aws-cdk:cr-owned:other:12345678", "maintenance", False),
        ("Name", "", False),
    ],
)
def test_the_objects_of_a_bucket_with_an_owners_tag_stay(world: World, tag: str, prefix: str, retained: bool) -> None:
    """As on AWS, where the tag keeps one deployment from emptying what another of the same bucket put there."""
    world.s3.put_bucket_tagging(Bucket=world.site, Tagging={"TagSet": [{"Key": tag, "Value": "true"}]})
    world.create(world.asset(index_html=b"page"), DestinationBucketKeyPrefix=prefix)
    world.delete(RetainOnDelete=False, DestinationBucketKeyPrefix=prefix)
    assert bool(world.content()) is retained


def test_each_creation_has_a_physical_id_of_its_own(world: World) -> None:
    key = world.asset(index_html=b"page")
    first, second = world.create(key)[0], world.create(key)[0]
    assert first != second
    assert first.startswith("aws.cdk.s3deployment.")


@pytest.mark.parametrize(("wanted", "shown"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_the_keys_of_the_sources_are_an_attribute_where_asked_for(world: World, wanted: object, shown: bool) -> None:
    key = world.asset(index_html=b"page")
    attributes = world.create(key, OutputObjectKeys=wanted)[1]
    assert attributes["SourceObjectKeys"] == ([key] if shown else [])
    assert attributes["DestinationBucketArn"] == f"arn:aws:s3:::{world.site}"


@pytest.mark.parametrize(
    ("feature", "named"),
    [
        ({"Exclude": ["*.map"]}, "Exclude"),
        ({"Include": ["*.html"]}, "Include"),
        ({"DistributionId": "E1"}, "DistributionId"),
        ({"UserMetadata": {"a": "b"}}, "UserMetadata"),
        ({"Extract": False}, "Extract"),
        ({"Extract": "false"}, "Extract"),
        ({"SystemMetadata": {"storage-class": "GLACIER"}}, "storage-class"),
        ({"SourceMarkersConfig": [{"jsonEscape": "true"}]}, "jsonEscape"),
    ],
    ids=str,
)
def test_a_feature_that_is_not_emulated_is_refused_before_anything_changes(
    world: World, feature: dict[str, Any], named: str
) -> None:
    world.put(index_html=b"before")
    key = world.asset(index_html=b"page")
    for deploy in (world.create, world.update):
        with pytest.raises(UnsupportedDeploymentError, match=f"does not do .*{named}"):
            deploy(key, **feature)
    assert world.content() == {"index.html": b"before"}


def test_a_template_deploys_and_empties_its_bucket(world: World, cloudformation: Any) -> None:
    """As the CDK writes it for one source without markers."""
    stack = Stack(cloudformation)
    service_token = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"template-{next(NUMBERS)}"}}
    deployment = {
        "Type": "Custom::CDKBucketDeployment",
        "Properties": {
            **world.properties(world.asset(index_html=b"page")),
            "ServiceToken": service_token,
            "DestinationBucketName": {"Ref": "Bucket"},
            "RetainOnDelete": False,
            "WaitForDistributionInvalidation": True,
        },
    }
    assert stack.deploy(Bucket=bucket, Deployment=deployment) == "CREATE_COMPLETE"
    world.site = stack.physical_id("Bucket")
    assert world.content() == {"index.html": b"page"}
    assert stack.delete() == "DELETE_COMPLETE"
    assert world.site not in {bucket["Name"] for bucket in world.s3.list_buckets()["Buckets"]}


def test_a_refused_feature_fails_the_stack_and_says_why(world: World, cloudformation: Any) -> None:
    stack = Stack(cloudformation)
    properties = world.properties(world.asset(index_html=b"page"), Exclude=["*"])
    deployment = {"Type": "Custom::CDKBucketDeployment", "Properties": {**properties, "ServiceToken": "unused"}}
    assert stack.deploy(Deployment=deployment) == "ROLLBACK_COMPLETE"
    assert "the embedded AWS does not do Exclude of a BucketDeployment" in stack.reasons()
    stack.delete()
