"""Questions about CloudFront's cache, edge functions and connections."""

from understudy_failover.operations.confirm.context import FAULTS, Answer, Context, Question, yes_or_no
from understudy_failover.operations.confirm.shared import SECOND, VERSION, site_of

REQUEST_INTERVAL_SECONDS = 10.0
"""Between the requests on a connection that is in use."""
STALE_SECONDS = 60.0
"""How long an old version of an edge function is looked for after the new one has answered."""


def error_caching(context: Context) -> Answer:
    site = site_of(context)
    first = context.internet.status(site.domain_name, "/switch/late")
    site.put("switch/late")
    answered, seconds = context.until(
        lambda: context.internet.status(site.domain_name, "/switch/late") == 200 or None, minutes=5, every=1
    )
    if not answered:
        return Answer("open", f"5 minutes after the object was created, CloudFront does not answer 200; first: {first}")
    return Answer("measured", f"{first} for {seconds:.0f} s after the object was created")


def idle_connection(context: Context) -> Answer:
    session = context.internet.connect(site_of(context).domain_name)
    try:
        session.request("/index")
        closed, seconds = context.until(lambda: session.is_closed() or None, minutes=20, every=1)
    finally:
        session.close()
    return Answer("measured", f"{'closed' if closed else 'still open'} after {seconds:.0f} s")


def busy_connection(context: Context) -> Answer:
    session = context.internet.connect(site_of(context).domain_name)
    count = 0

    def request_fails() -> bool | None:
        nonlocal count
        try:
            session.request("/index")
        except FAULTS:
            return True
        count += 1
        return None

    try:
        closed, seconds = context.until(request_fails, minutes=20, every=REQUEST_INTERVAL_SECONDS)
    finally:
        session.close()
    return Answer("measured", f"{'closed' if closed else 'still open'} after {count} requests and {seconds:.0f} s")


def function_propagation(context: Context) -> Answer:
    site = site_of(context)
    site.publish(SECOND)
    began = context.clock.now()
    first, last_old = None, 0.0

    def probe() -> bool | None:
        nonlocal first, last_old
        version, seconds = context.internet.status(site.domain_name, VERSION), context.clock.now() - began
        if version == SECOND:
            first = seconds if first is None else first
        else:
            last_old = seconds
        return (first is not None and seconds - max(first, last_old) >= STALE_SECONDS) or None

    context.until(probe, minutes=15, every=1)
    if first is None:
        return Answer("open", "the new version did not answer in 15 minutes")
    return Answer("measured", f"new version after {first:.0f} s; last answer of the old version after {last_old:.0f} s")


def alpn(context: Context) -> Answer:
    http2 = context.internet.speaks_http2(site_of(context).domain_name)
    return yes_or_no(not http2, f"offered HTTP/2 and HTTP/1.1, CloudFront chose {'HTTP/2' if http2 else 'HTTP/1.1'}")


QUESTIONS = (
    Question("error-caching", "How long does CloudFront keep an error after the object exists?", error_caching, 5),
    Question(
        "function-propagation", "How long until a new version of an edge function answers?", function_propagation, 15
    ),
    Question("alpn", "Is HTTP/1.1 chosen where a client also offers HTTP/2?", alpn, 1),
    Question("idle-connection", "After how long does CloudFront close an idle connection?", idle_connection, 20),
    Question("busy-connection", "After how long does CloudFront close a connection in use?", busy_connection, 20),
)
