"""A Lambda function whose code is Python files."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration, aws_lambda as lambda_
from constructs import Construct

from . import aws_client
from .function_role import FunctionRole


def python_function(
    scope: Construct,
    id_: str,
    *,
    sources: Sequence[Path],
    role: FunctionRole,
    description: str,
    timeout: Duration,
    entry: str = "index",
    name: str | None = None,
    files: Mapping[str, str] | None = None,
    memory_mb: int = 256,
    environment: Mapping[str, str] | None = None,
) -> lambda_.Function:
    """Return a function that starts in `handler` of module `entry`, with the standard library and boto3.

    Its folder holds `sources` (files, and the Python files of folders), `aws_client.py`, and `files` (texts by name).
    `name` None lets CloudFormation choose a name.
    """
    # The CDK copies the files at once; their hash depends on the content alone.
    with tempfile.TemporaryDirectory() as folder:
        for file in _files([*sources, aws_client.HANDLER]):
            shutil.copyfile(file, Path(folder) / file.name)
        for file_name, text in (files or {}).items():
            (Path(folder) / file_name).write_text(text, encoding="utf-8")
        return lambda_.Function(
            scope,
            id_,
            function_name=name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"{entry}.handler",
            code=lambda_.Code.from_asset(folder),
            environment=environment,
            timeout=timeout,
            memory_size=memory_mb,
            role=role.role,
            log_group=role.log_group,
        )


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    for source in sources:
        yield from sorted(source.glob("*.py")) if source.is_dir() else (source,)
