"""The stack of a maintenance page: everything that a new certificate changes.

A rotation changes the certificate's id. Within a stack CloudFormation moves the distribution to the new certificate and
then deletes the old certificate. As an export to another stack, the id could never change.
"""

from collections.abc import Sequence

from aws_cdk import Aws, CfnOutput, Environment, Stack, Token
from constructs import Construct

from understudy_failover.contract.identity import METADATA, Identity
from understudy_failover.settings import Settings

from .access_logs import AccessLogs
from .distribution import MaintenanceDistribution
from .edge_test import EdgeTest
from .limits import RESOURCE_LIMIT_CONTEXT
from .maintenance_site import MaintenanceSite
from .monitor import Monitor
from .page_health import PageHealth
from .server_certificate import ServerCertificate
from .switch_bucket import SwitchBucket
from .switch_schedules import SwitchSchedules


class MaintenanceStack(Stack):
    """Server certificate, page, distribution and its health check; the main stack also has the maintenance switches."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        env: Environment,
        identity: Identity,
        settings: Settings,
        app: str,
        name: str,
        switch_bucket: str,
        switches: Sequence[str],
        is_main: bool,
    ) -> None:
        """`settings` are as of `Settings.for_certificate`; `app` is the whole installation, `name` that of the stack.

        `switch_bucket` is the name of the bucket of all switches, which the `is_main` stack has; `switches` are their
        names.
        """
        super().__init__(
            scope,
            id_,
            env=env,
            # Fixed: the name that the CDK derives depends on the stage around the stack.
            stack_name=name,
            tags=identity.tags,
            description=identity.description,
        )
        self.template_options.metadata = {METADATA: identity.metadata}
        self.node.set_context(RESOURCE_LIMIT_CONTEXT, 0)
        with_switches = is_main and bool(switches)
        certificate = ServerCertificate(
            self,
            "ServerCertificate",
            app=settings.app,
            certificate=settings.certificate,
            edge=EdgeTest(self, "EdgeTest", settings=settings),
        )
        site = MaintenanceSite(
            self,
            "Site",
            settings=settings,
            note_bucket=f"arn:{Aws.PARTITION}:s3:::{switch_bucket}" if with_switches else None,
            log_group=certificate.log_group,
        )
        switch = None
        if with_switches:
            switch = SwitchBucket(self, "Switch", app=settings.app, switches=switches, upload=site.upload)
            SwitchSchedules(self, "Schedules", app=settings.app, switches=switch)
            CfnOutput(
                self,
                "SwitchBucketName",
                value=switch.bucket.bucket_name,
                description="Bucket of the maintenance switches (understudy maintenance)",
            )
        logs = None
        if settings.access_logs:
            logs = AccessLogs(self, "AccessLogs", keep_days=settings.access_logs.keep_days)
            logs.of_bucket(site.bucket, "page")
            if switch:
                logs.of_bucket(switch.bucket, "switch")
        self.distribution = MaintenanceDistribution(
            self, "Page", settings=settings, site=site, switches=switch, server_certificate=certificate, logs=logs
        ).distribution
        if settings.has_switches or settings.monitoring.alarms:
            Monitor(
                self,
                "Monitor",
                app=app,
                settings=settings,
                switch_bucket=switch_bucket,
                pages=site.bucket,
                distribution=self.distribution,
                is_main=is_main,
                log_group=certificate.log_group,
            )
        self.page_health = PageHealth(self, "PageHealth", app=settings.app, distribution=self.distribution)
        CfnOutput(
            self,
            "DistributionId",
            value=self.distribution.distribution_id,
            description="CloudFront distribution of the maintenance page",
        )
        CfnOutput(
            self,
            "DistributionDomainName",
            value=self.distribution.distribution_domain_name,
            description="Domain name to look at the maintenance page before DNS leads there (curl --connect-to)",
        )
        CfnOutput(
            self,
            "ServerCertificateId",
            value=certificate.server_certificate_id,
            description="IAM server certificate of the distribution",
        )
        CfnOutput(
            self,
            "EdgeComputeUtilization",
            value=Token.as_string(certificate.edge_test.get_att("ComputeUtilization")),
            description="Compute utilization of the edge functions in percent of what CloudFront allows (100: refused)",
        )
        # Always, so that the last host of a certificate can go: the CDK would delete an export that nothing imports any
        # more before the importing stack is updated.
        for value in (
            self.distribution.distribution_id,
            self.distribution.distribution_domain_name,
            self.page_health.health_check_id,
        ):
            self.export_value(value)
