"""Deploys failover.toml to the stage, as `cdk deploy` does to AWS."""

from understudy_failover.rehearsal.display import Display
from understudy_failover.rehearsal.stage import Stage


def deploy(stage: Stage, shown: Display) -> None:
    """Bootstraps, deploys what `stage` synthesizes and waits until every health check has reported.

    Raises:
        CdkError, StageError: it failed.
    """
    with shown.step("cdk bootstrap") as progress:
        stage.cdk.bootstrap(progress)
    with shown.step("cdk synth"):
        assembly = stage.synthesis.assembly()
    with shown.step("cdk deploy") as progress:
        stage.cdk.deploy_assembly(assembly, progress)
    with shown.step("first verdict of the health checks"):
        stage.wait_for_health_checks()
