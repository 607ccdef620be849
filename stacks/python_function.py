"""A Lambda function whose code is a folder of Python files, deployed as it is."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import Duration, aws_lambda as lambda_
from constructs import Construct

from .function_role import FunctionRole


def python_function(
    scope: Construct,
    id_: str,
    *,
    folder: Path,
    role: FunctionRole,
    description: str,
    timeout: Duration,
    handler: str = "index.handler",
    memory_mb: int = 256,
    environment: Mapping[str, str] | None = None,
    shared: Sequence[Path] = (),
) -> lambda_.Function:
    """The standard library and the runtime's boto3 are all that there is; `handler` is `MODULE.FUNCTION`.

    Files in `shared` are deployed beside those of `folder`, under their own names.
    """
    with TemporaryDirectory() as temporary:
        # The CDK copies an asset when its function is made.
        code = folder
        if shared:
            code = Path(shutil.copytree(folder, Path(temporary) / "code"))
            for file in shared:
                shutil.copyfile(file, code / file.name)
        return lambda_.Function(
            scope,
            id_,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=handler,
            code=lambda_.Code.from_asset(str(code), exclude=["__pycache__"]),
            environment=environment,
            timeout=timeout,
            memory_size=memory_mb,
            role=role.role,
            log_group=role.log_group,
        )
