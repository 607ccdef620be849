"""Lets pages say what is planned, and until when, as soon as a maintenance switch is turned on, however it was."""

from pathlib import Path

from aws_cdk import (
    Duration,
    aws_events as events,
    aws_events_targets as targets,
    aws_iam as iam,
    aws_s3 as s3,
)
from constructs import Construct

from understudy_failover.contract import switch_end
from understudy_failover.contract.switch import FOLDER, FOR_ALL, NOTE_KEY
from understudy_failover.page import PAGES, PLACEHOLDER

from ..function_role import FunctionRole
from ..python_function import python_function

HANDLER = Path(__file__).parent / "handler"


class PlannedPages(Construct):
    """A function that hears of every change of a switch: `maintenance on`, a window's schedule, or a bare upload.

    Data planes alone. If it fails, hosts fail over all the same, to a page that tells of an outage and no end.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, switches: str, pages: s3.IBucket) -> None:
        """`switches` is the name of the bucket with the switches, which may be another stack's."""
        super().__init__(scope, id_)
        role = FunctionRole(self, "Function")
        for statement in self._access(pages, f"arn:aws:s3:::{switches}"):
            role.role.add_to_policy(statement)
        function = python_function(
            self,
            "Handler",
            description=f"Puts the words of planned work on the pages of {app}",
            folder=HANDLER,
            shared=[Path(switch_end.__file__)],
            environment={
                "END": PLACEHOLDER.ends_at_text,
                "FOR_ALL": FOR_ALL,
                "NOTE": NOTE_KEY,
                "PAGES": PAGES,
                "PAGE_BUCKET": pages.bucket_name,
                "SWITCHES": FOLDER,
                "SWITCH_BUCKET": switches,
            },
            timeout=Duration.minutes(5),
            memory_mb=512,
            role=role,
        )
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        events.Rule(
            self,
            "Turned",
            description=f"A maintenance switch of {app} was turned",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created", "Object Deleted"],
                detail={"bucket": {"name": [switches]}, "object": {"key": events.Match.prefix(FOLDER)}},
            ),
            targets=[targets.LambdaFunction(function)],
        )

    def _access(self, pages: s3.IBucket, switches: str) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[pages.bucket_arn, switches]),
            iam.PolicyStatement(
                actions=["s3:GetObject"],
                resources=[pages.arn_for_objects(f"{PAGES}*"), f"{switches}/{FOLDER}*"],
            ),
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[pages.arn_for_objects("*")]),
        ]
