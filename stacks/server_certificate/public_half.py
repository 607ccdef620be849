"""Leaf and chain on their way to the handler: a file among the assets of the deploy, named after its content."""

import tempfile
from pathlib import Path

from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from understudy_failover.settings import PublicCertificate

MAX_NAMES = 3
"""In the summary; `Names` has them all."""


def public_half_asset(scope: Construct, id_: str, public: PublicCertificate) -> Asset:
    """The normalised PEM of leaf and chain: the same certificate is the same object, however its files look."""
    with tempfile.TemporaryDirectory() as folder:
        # The CDK copies it into the cloud assembly at once, under the hash of its content.
        file = Path(folder) / "certificate.pem"
        file.write_text(public.body_pem + public.chain_pem, encoding="ascii")
        return Asset(scope, id_, path=str(file))


def summary(public: PublicCertificate) -> str:
    """One line for `cdk diff`, which shows changed values alone and so no names that stay the same."""
    names = ", ".join(public.names[:MAX_NAMES])
    more = f" and {len(public.names) - MAX_NAMES} more" if len(public.names) > MAX_NAMES else ""
    return f"{names}{more}, until {public.not_after:%Y-%m-%d} ({public.key_type}, issued by {public.issuer})"
