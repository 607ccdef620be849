"""Lets pages say what is planned, and until when, as soon as a maintenance switch is turned on, however it was."""

from pathlib import Path

from aws_cdk import Aws, Duration, aws_iam as iam, aws_lambda as lambda_, aws_s3 as s3
from constructs import Construct

from maintenance_site import PAGES, PLACEHOLDER
from settings.switch import FOLDER, FOR_ALL, NOTE_KEY, switch_bucket
from stacks.function_role import FunctionRole

HANDLER = Path(__file__).parent / "handler"


class PlannedPages(Construct):
    """A function that S3 tells of every change of a switch: `maintenance on`, a window's schedule, or a bare upload.

    Data planes alone. If it fails, hosts fail over all the same, to a page that tells of an outage and no end.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, pages: s3.IBucket) -> None:
        super().__init__(scope, id_)
        # Not the bucket's own attributes: the bucket depends on this function, which it notifies.
        self._switches = f"arn:aws:s3:::{switch_bucket(app, Aws.ACCOUNT_ID)}"
        role = FunctionRole(self, "Function")
        for statement in self._access(pages):
            role.role.add_to_policy(statement)
        self.function = lambda_.Function(
            self,
            "Handler",
            description=f"Puts the words of planned work on the pages of {app}",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(HANDLER), exclude=["__pycache__"]),
            environment={
                "END": PLACEHOLDER.ends_at_text,
                "FOR_ALL": FOR_ALL,
                "NOTE": NOTE_KEY,
                "PAGES": PAGES,
                "PAGE_BUCKET": pages.bucket_name,
                "SWITCHES": FOLDER,
                "SWITCH_BUCKET": switch_bucket(app, Aws.ACCOUNT_ID),
            },
            timeout=Duration.minutes(5),
            memory_size=512,
            role=role.role,
            log_group=role.log_group,
        )
        self.permission = lambda_.CfnPermission(
            self,
            "MayBeCalled",
            action="lambda:InvokeFunction",
            function_name=self.function.function_arn,
            principal="s3.amazonaws.com",
            source_account=Aws.ACCOUNT_ID,
            source_arn=self._switches,
        )

    def _access(self, pages: s3.IBucket) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[pages.bucket_arn, self._switches]),
            iam.PolicyStatement(
                actions=["s3:GetObject"],
                resources=[pages.arn_for_objects(f"{PAGES}*"), f"{self._switches}/{FOLDER}*"],
            ),
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[pages.arn_for_objects("*")]),
        ]
