"""The owner's certificate as an IAM server certificate, uploaded by a custom resource.

CloudFormation's own AWS::IAM::ServerCertificate cannot be used: it does not return the ServerCertificateId that a
distribution needs, and the private key would be one of its properties.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-servercertificate.html
"""

from pathlib import Path

from aws_cdk import Annotations, ArnFormat, CfnResource, Stack, Token, aws_iam as iam
from constructs import Construct

from understudy_failover.settings import CertificateSettings

from .. import edge_test
from ..custom_resource import custom_resource, custom_resource_function
from ..function_role import FunctionRole, allow, global_arn
from .public_certificate import public_certificate_asset, summary

HANDLER = Path(__file__).parent / "handler"
DIGEST_CHARACTERS = 16
"""Length of the digest at the end of a certificate's name; the handler recognizes its own names by it."""


class ServerCertificate(Construct):
    """Other content has another name: create the new certificate, move the distribution, delete the old certificate."""

    def __init__(
        self, scope: Construct, id_: str, *, app: str, certificate: CertificateSettings, edge: edge_test.EdgeTest
    ) -> None:
        """The function also runs `edge`, because a deploy runs it before it changes the distribution."""
        super().__init__(scope, id_)
        path = f"/cloudfront/{app}/"
        public = certificate.public
        if public.unconfirmed:
            # No warning: `cdk synth --strict` would fail, and the owner of such a certificate cannot fix it.
            Annotations.of(self).add_info(public.unconfirmed)
        for text in public.notes:
            Annotations.of(self).add_info(text)
        for number, text in enumerate(public.warnings):
            Annotations.of(self).add_warning_v2(f"understudy:certificateChain{number}", text)
        asset = public_certificate_asset(self, "PublicHalf", public)
        upload = FunctionRole(
            self,
            "Upload",
            description=f"Reads the private key of {app} and uploads its certificate to IAM",
            statements=(
                *self._certificate_access(app, path),
                self._key_access(certificate.private_key_secret),
                # Every .pem asset: during a rollback both the old and the new policy may be in force.
                # Only public certificates have that ending.
                allow("s3:GetObject", on=[asset.bucket.arn_for_objects("*.pem")]),
                *edge.statements,
                # To tell an update from the deletion of the stack, and an update from its rollback.
                allow("cloudformation:DescribeStacks", on=[Stack.of(self).stack_id]),
            ),
        )
        self.log_group = upload.log_group
        """The log group of every function of the stack."""
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
            # A reference: the PEM texts would fill several screens of `cdk diff`.
            # See docs/decisions/0006-public-half-in-an-asset.md.
            "PublicHalf": {"Bucket": asset.s3_bucket_name, "Key": asset.s3_object_key},
            "ContentSha256": public.content_digest,
            "PrivateKeySecretId": certificate.private_key_secret,
            # The rest is for readers of `cdk diff`; the handler does not use it.
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
        """For a distribution's viewer certificate; it changes with the content."""

    def _certificate_access(self, app: str, path: str) -> tuple[iam.PolicyStatement, ...]:
        name = f"{app}-{'?' * DIGEST_CHARACTERS}"
        own, bare = (
            global_arn(self, "iam", "server-certificate", resource)
            for resource in (f"{path.removeprefix('/')}{name}", name)
        )
        return (
            # TagServerCertificate: to upload with tags.
            allow(
                *("iam:DeleteServerCertificate", "iam:TagServerCertificate", "iam:UploadServerCertificate"), on=[own]
            ),
            # A name that does not exist has no path: IAM then checks the permission on the bare name, and would
            # answer AccessDenied where the handler waits for NoSuchEntity. Read only: certificates of that name with
            # another path are not this app's.
            allow("iam:GetServerCertificate", on=[own, bare]),
            # To find orphans, and the certificates that distributions use. Neither has a narrower resource.
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
            allow("cloudfront:ListDistributions", "iam:ListServerCertificates", on=["*"]),
        )

    def _key_access(self, secret: str) -> iam.PolicyStatement:
        # Secrets Manager appends a hyphen and six characters to a secret's name in its ARN.
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
        return allow("secretsmanager:GetSecretValue", on=[arn])
