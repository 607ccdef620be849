"""Deploy failover.toml to the test bed, as `cdk deploy` does to AWS."""

from understudy_failover.rehearsal.display import Display
from understudy_failover.rehearsal.stage import Stage


def deploy(stage: Stage, view: Display) -> None:
    """Bootstrap, deploy the stacks that `stage` synthesizes, and wait until every health check has reported.

    Raises:
        CdkError, StageError: it failed.
    """
    with view.step("cdk bootstrap") as progress:
        stage.cdk.bootstrap(progress)
    with view.step("cdk synth"):
        assembly = stage.synthesis.assembly()
    with view.step("cdk deploy") as progress:
        stage.cdk.deploy_assembly(assembly, progress)
    with view.step("first verdict of the health checks"):
        stage.wait_for_health_checks()
