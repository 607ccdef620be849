"""Leaf and chain as an asset of the deploy, for the handler."""

import tempfile
from pathlib import Path

from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from understudy_failover.settings import PublicCertificate

MAX_NAMES = 3
"""In the summary; the property `Names` has all names."""


def public_certificate_asset(scope: Construct, id_: str, public: PublicCertificate) -> Asset:
    """Return the asset with the normalized PEM of leaf and chain: the same certificate is always the same object."""
    with tempfile.TemporaryDirectory() as folder:
        # The CDK copies it into the cloud assembly at once, under the hash of its content.
        file = Path(folder) / "certificate.pem"
        file.write_text(public.body_pem + public.chain_pem, encoding="ascii")
        return Asset(scope, id_, path=str(file))


def summary(public: PublicCertificate) -> str:
    """Return one line for `cdk diff`, which shows only changed values."""
    names = ", ".join(public.names[:MAX_NAMES])
    more = f" and {len(public.names) - MAX_NAMES} more" if len(public.names) > MAX_NAMES else ""
    return f"{names}{more}, until {public.not_after:%Y-%m-%d} ({public.key_type}, issued by {public.issuer})"
