"""Custom::ServerCertificate: uploads the owner's certificate to IAM, where CloudFront finds it by its id.

CloudFormation knows the certificate by its name, `<app>-<digest of leaf and chain>`, and by that digest; leaf
and chain lie in S3 with the other assets of the deploy. The private key is read here from Secrets Manager,
goes to IAM and nowhere else: not into an answer, a log or an exception. Because the name follows from the
content, every repetition (a retry, a second delivery, a rollback, an orphan of a failed deploy) finds the
certificate that it wants and adopts it. What CloudFormation knows of is destroyed in `Delete` alone.

    index.py                 the request and what it comes to; responder.py, from ../../custom_resource, answers it
    ensure.py, release.py    Create and Update; Delete
    orphans.py               what earlier deploys left behind
    server_certificates.py, private_key.py, public_half.py, aws.py    IAM, Secrets Manager, S3, all of AWS

This folder is deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

from typing import Any

import orphans
from aws import Context, ServerCertificateError
from ensure import ensure
from release import release
from responder import responder


def handle(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return `{"PhysicalResourceId": …, "Data": {"ServerCertificateId": …}}`."""
    properties = event["ResourceProperties"]
    path = properties["Path"]
    if event["RequestType"] == "Delete":
        name = event["PhysicalResourceId"]
        # CloudFormation invents ids for creations that it got no answer to.
        if orphans.is_own_name(name, path):
            release(name, event["StackId"], context)
        return {"PhysicalResourceId": name}
    wanted = properties["ServerCertificateName"]
    keep = {
        wanted,
        event.get("PhysicalResourceId"),
        event.get("OldResourceProperties", {}).get("ServerCertificateName"),
    }
    certificate = ensure(properties, keep, context)
    orphans.sweep(path, keep, context)
    # A changed name answers CloudFormation with a new physical id: it moves the distribution to the new
    # certificate first and sends Delete for the old one in its clean-up.
    return {
        "PhysicalResourceId": wanted,
        "Data": {"ServerCertificateId": certificate["ServerCertificateMetadata"]["ServerCertificateId"]},
    }


handler = responder(handle, told=ServerCertificateError)
