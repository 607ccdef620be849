"""Questions about CloudFront's cache and connections."""

from understudy_failover.operations.confirm.context import FAULTS, Answer, Context, Question
from understudy_failover.operations.confirm.shared import site_of

REQUEST_INTERVAL_SECONDS = 10.0
"""Between the requests on a connection that is in use."""


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


QUESTIONS = (
    Question("error-caching", "How long does CloudFront keep an error after the object exists?", error_caching, 5),
    Question("idle-connection", "After how long does CloudFront close an idle connection?", idle_connection, 20),
    Question("busy-connection", "After how long does CloudFront close a connection in use?", busy_connection, 20),
)
