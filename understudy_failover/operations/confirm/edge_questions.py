"""Questions about CloudFront's edge: its cache, functions and connections."""

from understudy_failover.operations.confirm.context import FAULTS, Context, attempt
from understudy_failover.operations.confirm.question import Answer, Question, yes_or_no
from understudy_failover.operations.confirm.removal import COMMENT
from understudy_failover.operations.confirm.shared import VIEWER_REQUEST, site_of
from understudy_failover.operations.confirm.world import Session

EVENT = (
    b'{"version":"1.0","context":{"eventType":"viewer-request"},"viewer":{"ip":"198.51.100.7"},"request":'
    b'{"method":"GET","uri":"/rewrite","querystring":{},"headers":{},"cookies":{}}}'
)
PROBE_SECONDS = 10.0
"""Between the requests on a connection that is in use."""
STALE_SECONDS = 60.0
"""How long an old version of a function is looked for after the new one has answered."""


def error_caching(context: Context) -> Answer:
    site = site_of(context)
    first = context.world.get(site.domain_name, "/switch/late").status
    site.put("switch/late")
    found, seconds = context.until(
        lambda: context.world.get(site.domain_name, "/switch/late").status == 200 or None, minutes=5, every=1
    )
    if not found:
        return Answer("open", f"after 5 minutes CloudFront does not answer 200 yet; without the object it was {first}")
    return Answer("measured", f"{first} for {seconds:.0f} s after the object was there")


def origin_protocol(context: Context) -> Answer:
    site = site_of(context)
    encrypted = context.world.get(site.domain_name, "/tls/index").status
    plain = context.world.get(site.domain_name, "/tls/index?plain", tls=False).status
    evidence = f"an object that S3 refuses over plain HTTP: {encrypted} by HTTPS, {plain} by plain HTTP"
    if encrypted != 200:
        return Answer("open", evidence)
    return yes_or_no(plain != 200, evidence)


def rewritten_path(context: Context) -> Answer:
    reply = context.world.get(site_of(context).domain_name, "/rewrite")
    path = reply.headers.get("x-path", "")
    if not path:
        return Answer("open", f"status {reply.status} without the header of viewer-response")
    return yes_or_no(path == "/rewritten", f"viewer-response saw {path}")


def idle_connection(context: Context) -> Answer:
    domain_name = site_of(context).domain_name
    idle = context.world.connect(domain_name)
    try:
        idle.request("/index")
        closed, seconds = context.until(lambda: idle.is_closed() or None, minutes=20, every=1)
    finally:
        idle.close()
    return Answer("measured", f"closed after {seconds:.0f} s" if closed else f"still open after {seconds:.0f} s")


def busy_connection(context: Context) -> Answer:
    busy = context.world.connect(site_of(context).domain_name)
    count = 0

    def look() -> bool | None:
        nonlocal count
        if not _is_served(busy):
            return True
        count += 1
        return None

    try:
        closed, seconds = context.until(look, minutes=20, every=PROBE_SECONDS)
    finally:
        busy.close()
    return Answer("measured", f"{'closed' if closed else 'still open'} after {count} requests and {seconds:.0f} s")


def alpn(context: Context) -> Answer:
    session = context.world.connect(site_of(context).domain_name, ("h2", "http/1.1"))
    session.close()
    return yes_or_no(session.protocol == "http/1.1", f"of h2 and http/1.1 it chose {session.protocol or 'nothing'}")


def function_propagation(context: Context) -> Answer:
    site = site_of(context)
    began = context.clock.now()
    site.publish_version("2")
    first = last_old = 0.0

    def look() -> bool | None:
        nonlocal first, last_old
        version = context.world.get(site.domain_name, "/version").headers.get("x-version")
        seconds = context.clock.now() - began
        if version == "2":
            first = first or seconds
        else:
            last_old = seconds
        return True if first and seconds - max(first, last_old) >= STALE_SECONDS else None

    found, _ = context.until(look, minutes=15, every=1)
    if not found:
        return Answer("open", f"first answer of the new version: {first:.0f} s; last of the old one: {last_old:.0f} s")
    return Answer("measured", f"first answer of the new version: {first:.0f} s; last of the old one: {last_old:.0f} s")


def function_test(context: Context) -> Answer:
    cloudfront, name = context.client("cloudfront"), f"{context.token}-test"
    config = {"Comment": COMMENT, "Runtime": "cloudfront-js-2.0"}
    created = context.create(
        "edge function",
        name,
        lambda: cloudfront.create_function(Name=name, FunctionConfig=config, FunctionCode=VIEWER_REQUEST.encode()),
    )
    results: list[str] = []

    def test() -> None:
        found = cloudfront.test_function(Name=name, IfMatch=created["ETag"], EventObject=EVENT)["TestResult"]
        results.append(f"ComputeUtilization {found.get('ComputeUtilization', 'none')}")
        if found.get("FunctionErrorMessage"):
            results.append(found["FunctionErrorMessage"])

    said = attempt(test)
    return yes_or_no(said == "accepted", ", ".join([said, *results]))


def _is_served(session: Session) -> bool:
    try:
        return session.request("/index") < 600
    except FAULTS:
        return False


QUESTIONS = (
    Question("error-caching", "How long does CloudFront keep an error after the object is there?", error_caching, 5),
    Question("origin-protocol", "Does CloudFront ask S3 over plain HTTP for plain HTTP?", origin_protocol, 1),
    Question("rewritten-path", "Does viewer-response see the path that viewer-request wrote?", rewritten_path, 1),
    Question("idle-connection", "After how long does CloudFront close an idle connection?", idle_connection, 20),
    Question("busy-connection", "After how long does CloudFront close a connection in use?", busy_connection, 20),
    Question("alpn", "Does HttpVersion http1.1 choose HTTP/1.1 by ALPN where HTTP/2 is offered?", alpn, 1),
    Question("function-propagation", "How long until the edge runs a published function?", function_propagation, 15),
    Question("function-test", "Can a function be tested right after its creation?", function_test, 1),
)
