"""The distribution's configuration, against what the settings make of it."""

from collections.abc import Iterator

from understudy_failover.contract.cloudfront import REPLACED_STATUS_CODES
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.finding import Finding, failed, passed
from understudy_failover.operations.observation import client_name
from understudy_failover.operations.repair.declared import COMPLETE
from understudy_failover.operations.repair.leftovers import CONSOLE, can_delete, leftovers as left
from understudy_failover.operations.repair.plan import COMMAND, distribution_key, function_key
from understudy_failover.operations.tls_probe import presented
from understudy_failover.operations.verify.deployment import DEPLOY, Deployment, NotThereError
from understudy_failover.page import ERROR_KEY, EdgeFunction, edge_function

FUNCTIONS: tuple[tuple[EdgeFunction, str], ...] = (
    ("viewer-request.js", "viewer-request"),
    ("viewer-response.js", "viewer-response"),
)
"""File and event type; the function is called after the file."""


def stacks(deployment: Deployment) -> Iterator[Finding]:
    """All exist, no operation runs or hangs, and none is orphaned."""
    for name in deployment.stack_names:
        try:
            status = deployment.stack(name)["StackStatus"]
        except NotThereError as error:
            yield failed("stack-missing", name, str(error), DEPLOY)
            continue
        if status in COMPLETE:
            yield passed(name, status)
        else:
            yield failed(
                "stack-not-complete",
                name,
                status,
                "wait for what is under way, or read the stack's events; then `cdk deploy --all`",
            )
    for name in deployment.orphaned_stacks():
        advice = f"`understudy diff` shows what it holds, and when to remove it: `understudy destroy {name}`"
        yield failed("stack-orphaned", name, "failover.toml has it no more, and no deploy removes it", advice)


def deployed(deployment: Deployment) -> Iterator[Finding]:
    """It is deployed to the whole edge."""
    name, status = deployment.distribution_name(), deployment.distribution()["Status"]
    if not deployment.config()["Enabled"]:
        yield failed("distribution-disabled", name, "is disabled", _cure(deployment))
    if status != "Deployed":
        yield failed("distribution-in-progress", name, f"is {status}", "wait until it is Deployed (--wait SECONDS)")
    elif deployment.config()["Enabled"]:
        yield passed(name, f"Deployed as {deployment.domain_name()}")


def aliases(deployment: Deployment) -> Iterator[Finding]:
    """They are the host names and nothing else."""
    has = set(deployment.config().get("Aliases", {}).get("Items", []))
    wanted = set(deployment.settings.host_names)
    for name in sorted(wanted - has):
        yield failed(
            "alias-missing",
            name,
            f"is no alternate domain name of distribution {deployment.distribution_name()}",
            f"if another distribution has it, remove it there; {_cure(deployment)}",
        )
    for name in sorted(has - wanted):
        yield failed(
            "alias-not-wanted",
            name,
            f"is one of {deployment.distribution_name()}, but no host of its certificate",
            _cure(deployment),
        )
    if wanted == has:
        yield passed(deployment.distribution_name(), f"all {len(wanted)} host names")


def ipv6(deployment: Deployment) -> Iterator[Finding]:
    """IPv6 is on: clients that follow an AAAA record reach the page."""
    yield _is(deployment, deployment.config().get("IsIPV6Enabled"), True, "IPv6 enabled")


def http_version(deployment: Deployment) -> Iterator[Finding]:
    """HTTP/1.1 only: browsers keep an HTTP/2 connection long after DNS leads back to the server."""
    yield _is(deployment, str(deployment.config().get("HttpVersion")).lower(), "http1.1", "HTTP version")
    # A certificate may have no host any more, or none yet.
    names = [client_name(host) for _, host in deployment.hosts[:1]]
    for name, address in zip(names, deployment.edge_addresses("A"), strict=False):
        try:
            certificate = presented(name, address, proxy=deployment.reach.proxy)
        except UnreachableError:  # named by `answers`
            continue
        # Under another certificate another distribution answers, or none; that is named by `tls`.
        if certificate.fingerprint != deployment.settings.certificate.public.fingerprint:
            continue
        if certificate.speaks_http2:
            yield failed("http2-agreed", name, "HTTP/2 is agreed on at the edge", _cure(deployment))
        else:
            yield passed(name, "offered HTTP/2, the edge takes HTTP/1.1")


def root_object(deployment: Deployment) -> Iterator[Finding]:
    """Not set: the edge functions answer `/`, like every other path."""
    yield _is(deployment, deployment.config().get("DefaultRootObject", ""), "", "default root object")


def protocol_policy(deployment: Deployment) -> Iterator[Finding]:
    """Plain HTTP gets a 503: browsers would cache a redirect."""
    policy = deployment.config()["DefaultCacheBehavior"]["ViewerProtocolPolicy"]
    yield _is(deployment, policy, "allow-all", "viewer protocol policy")


def error_responses(deployment: Deployment) -> Iterator[Finding]:
    """An error of S3 becomes a 503 with the error page."""
    responses = deployment.config().get("CustomErrorResponses", {}).get("Items", [])
    has = {
        int(response["ErrorCode"])
        for response in responses
        if (str(response.get("ResponseCode")), response.get("ResponsePagePath")) == ("503", f"/{ERROR_KEY}")
    }
    missing = ", ".join(map(str, sorted({*REPLACED_STATUS_CODES} - has)))
    identifier = deployment.distribution_name()
    yield (
        failed("error-responses-missing", identifier, f"none for {missing}", _cure(deployment))
        if missing
        else passed(identifier, f"{len(has)} codes")
    )


def edge_functions(deployment: Deployment) -> Iterator[Finding]:
    """Both are attached and run the code of the settings."""
    attached = {
        association["EventType"]: association["FunctionARN"]
        for association in deployment.config()["DefaultCacheBehavior"].get("FunctionAssociations", {}).get("Items", [])
    }
    for file, event in FUNCTIONS:
        name = f"{deployment.settings.app}-{file.removesuffix('.js')}"
        if not attached.get(event, "").endswith(f"function/{name}"):
            yield failed("function-detached", name, f"is not attached to {event}", _cure(deployment))
            continue
        answer = deployment.client("cloudfront").get_function(Name=name, Stage="LIVE")
        if answer["FunctionCode"].read().decode("utf-8") == edge_function(file, deployment.settings):
            yield passed(name, "attached and as declared")
        else:
            yield failed(
                "function-changed", name, "runs other code than the settings make", deployment.cure(function_key(name))
            )


def headers_policies(deployment: Deployment) -> Iterator[Finding]:
    """Every behavior has a response headers policy, for answers without a function."""
    config = deployment.config()
    behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])]
    without = [
        behavior.get("PathPattern", "*") for behavior in behaviors if not behavior.get("ResponseHeadersPolicyId")
    ]
    name = deployment.distribution_name()
    if without:
        yield failed(
            "headers-policy-missing", name, f"no response headers policy for {', '.join(without)}", _cure(deployment)
        )
    else:
        yield passed(name, f"of {len(behaviors)} cache behaviors")


def _is(deployment: Deployment, actual: object, wanted: object, what: str) -> Finding:
    identifier = deployment.distribution_name()
    if actual == wanted:
        return passed(identifier, f"{what}: {actual if actual != '' else 'none'}")
    return failed("setting-differs", identifier, f"{what}: {actual!r} instead of {wanted!r}", _cure(deployment))


def _cure(deployment: Deployment) -> str:
    return deployment.cure(distribution_key(str(deployment.distribution()["Id"])))


def leftovers(deployment: Deployment) -> Iterator[Finding]:
    """Every resource that left a stack is deleted; CloudFormation reports success even if the deletion failed."""
    remaining = list(left(deployment.client, _deployed(deployment)))
    for leftover in remaining:
        text = f"{leftover.type} left its stack, and CloudFormation could not delete it: {leftover.reason}"
        yield failed(
            "left-behind", leftover.physical_id, text, f"delete it: {COMMAND}" if can_delete(leftover) else CONSOLE
        )
    if not remaining:
        yield passed(deployment.settings.app, "none")


def _deployed(deployment: Deployment) -> Iterator[str]:
    for name in deployment.stack_names:
        try:
            deployment.stack(name)
        except NotThereError:
            continue  # a check of its own
        yield name
