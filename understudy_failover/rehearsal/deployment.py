"""Deploy failover.toml to the test bed, as `cdk deploy` does to AWS."""

from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.display import Display


def deploy(bed: RehearsalBed, view: Display) -> None:
    """Bootstrap, deploy the stacks that `stage` synthesizes, and wait until every health check has reported.

    Raise CdkError, StageError: it failed.
    """
    with view.step("cdk bootstrap") as progress:
        bed.cdk.bootstrap(progress)
    with view.step("cdk synth"):
        assembly = bed.synthesis.assembly()
    with view.step("cdk deploy") as progress:
        bed.cdk.deploy_assembly(assembly, progress)
    with view.step("first verdict of the health checks"):
        bed.wait_for_health_checks()
