"""The owner's certificate as an IAM server certificate, uploaded by a custom resource.

CloudFormation's own AWS::IAM::ServerCertificate cannot be used: it does not tell the ServerCertificateId that
a distribution needs, and the private key would be one of its properties.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-servercertificate.html
"""

from pathlib import Path

from aws_cdk import Annotations, ArnFormat, CfnResource, Stack, Token, aws_iam as iam
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from understudy_failover.settings import CertificateSettings

from .. import edge_test
from ..custom_resource import custom_resource, custom_resource_function
from ..function_role import FunctionRole
from .public_half import public_half_asset, summary

HANDLER = Path(__file__).parent / "handler"
DIGEST_CHARACTERS = 16
"""Of the SHA-256 that ends a certificate's name; the handler knows its own names by this length."""


class ServerCertificate(Construct):
    """Another content means another name: create the new, move the distribution, delete the old."""

    def __init__(
        self, scope: Construct, id_: str, *, app: str, certificate: CertificateSettings, edge: edge_test.EdgeTest
    ) -> None:
        """Its function, which a deploy runs before the distribution, runs the test of the edge functions, too."""
        super().__init__(scope, id_)
        path = f"/cloudfront/{app}/"
        public = certificate.public
        if public.unconfirmed:
            # Information and no warning: `cdk synth --strict` makes errors of warnings, and the owner of such a
            # certificate could do nothing about this one.
            Annotations.of(self).add_info(public.unconfirmed)
        for text in public.notes:
            Annotations.of(self).add_info(text)
        for number, text in enumerate(public.warnings):
            Annotations.of(self).add_warning_v2(f"understudy:certificateChain{number}", text)
        asset = public_half_asset(self, "PublicHalf", public)
        upload = FunctionRole(
            self,
            "Upload",
            description=f"Reads the private key of {app} and uploads its certificate to IAM",
            statements=(
                *self._certificate_access(app, path),
                self._key_access(certificate.private_key_secret),
                self._public_half_access(asset),
                *edge.statements,
                # Whether a Delete belongs to an update or to the end of the stack, and whether an update rolls back.
                iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[Stack.of(self).stack_id]),
            ),
        )
        self.log_group = upload.log_group
        """Of every function of the stack."""
        function = custom_resource_function(
            self,
            description=f"Uploads the certificate of {app} to IAM, and tests its edge functions",
            entry="edge_test",
            sources=[HANDLER, edge_test.HANDLER],
            role=upload,
        )
        self.edge_test: CfnResource = edge.run_by(function)
        properties: dict[str, object] = {
            "ServerCertificateName": f"{app}-{public.content_digest[:DIGEST_CHARACTERS]}",
            "Path": path,
            # By reference, as two pairs of PEM bodies fill several screens of `cdk diff`.
            # See docs/decisions/0006-public-half-in-an-asset.md.
            "PublicHalf": {"Bucket": asset.s3_bucket_name, "Key": asset.s3_object_key},
            "ContentSha256": public.content_digest,
            "PrivateKeySecretId": certificate.private_key_secret,
            # The handler does not need the rest: it is for whoever reads `cdk diff`.
            "Summary": summary(public),
            "Fingerprint": public.fingerprint,
            "Names": list(public.names),
            "Issuer": public.issuer,
            "NotAfter": public.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "KeyType": public.key_type,
        }
        if certificate.private_key_version:
            properties["PrivateKeyVersionId"] = certificate.private_key_version
        resource = custom_resource(
            self,
            "Resource",
            type_="ServerCertificate",
            function=function,
            purpose="The owner's certificate in IAM, where CloudFront finds it",
            properties=properties,
        )
        self.server_certificate_id = Token.as_string(resource.get_att("ServerCertificateId"))
        """The id that a distribution's viewer certificate names; it changes when the content does."""

    def _certificate_access(self, app: str, path: str) -> tuple[iam.PolicyStatement, ...]:
        name = f"{app}-{'?' * DIGEST_CHARACTERS}"
        own, bare = (
            Stack.of(self).format_arn(service="iam", region="", resource="server-certificate", resource_name=one)
            for one in (f"{path.removeprefix('/')}{name}", name)
        )
        change = iam.PolicyStatement(
            actions=[
                "iam:DeleteServerCertificate",
                "iam:TagServerCertificate",  # to upload with tags
                "iam:UploadServerCertificate",
            ],
            resources=[own],
        )
        # A name that does not exist (yet, or any more) has no path: IAM then asks for the permission on the
        # bare name, and without it would answer AccessDenied where the handler waits for NoSuchEntity. Only to look:
        # certificates of that name with another path are not this app's.
        look = iam.PolicyStatement(actions=["iam:GetServerCertificate"], resources=[own, bare])
        # To find orphans. IAM knows no narrower resource for it; names and dates of certificates are all it shows.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
        # Neither does CloudFront for the list by which a certificate in use is left alone.
        lists = iam.PolicyStatement(
            actions=["cloudfront:ListDistributions", "iam:ListServerCertificates"], resources=["*"]
        )
        return change, look, lists

    def _public_half_access(self, asset: Asset) -> iam.PolicyStatement:
        # Every .pem among the assets, not the one: during a rollback both the old and the new policy may be in
        # force, and only public halves have that ending.
        return iam.PolicyStatement(actions=["s3:GetObject"], resources=[asset.bucket.arn_for_objects("*.pem")])

    def _key_access(self, secret: str) -> iam.PolicyStatement:
        # Secrets Manager puts a hyphen and six characters of its own behind a secret's name in the ARN.
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
        arn = (
            secret
            if secret.startswith("arn:")
            else Stack.of(self).format_arn(
                service="secretsmanager",
                resource="secret",
                resource_name=f"{secret}-??????",
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            )
        )
        return iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[arn])
