"""Custom::ServerCertificate: uploads the owner's certificate to IAM, where CloudFront finds it by its id.

CloudFormation identifies the certificate by its name, `<app>-<digest of leaf and chain>`, and by that digest; leaf
and chain are an asset of the deploy. The private key goes from Secrets Manager to IAM and nowhere else: into no answer,
log or exception. Because the name follows from the content, every repetition (a retry, a second delivery, a rollback,
an orphan of a failed deploy) finds its certificate and uses it. Only `Delete` deletes a certificate of CloudFormation.

    index.py                 the request and its result; responder.py, from ../../custom_resource, answers it
    ensure.py, release.py    Create and Update; Delete
    orphans.py               certificates that earlier deploys left behind
    server_certificates.py, private_key.py, public_certificate.py, aws.py    IAM, Secrets Manager, S3, all of AWS

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
        # CloudFormation invents an id for a creation without an answer.
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
    # A changed name is a new physical id: CloudFormation first moves the distribution to the new certificate, and sends
    # Delete for the old certificate in its clean-up.
    return {
        "PhysicalResourceId": wanted,
        "Data": {"ServerCertificateId": certificate["ServerCertificateMetadata"]["ServerCertificateId"]},
    }


handler = responder(handle, expected=ServerCertificateError)
