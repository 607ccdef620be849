"""An app in a browser, on another origin than its API: it reads the 503 and how long to wait."""

from playwright.sync_api import Browser

ASK = """async ({ url, options }) => {
    const answer = await fetch(url, options);
    return [answer.status, answer.headers.get('retry-after'), answer.headers.get('x-maintenance'), await answer.text()];
}"""
APP = "https://app.example.net/"
API = "https://www.example.com/api/orders"


def test_an_app_of_another_origin_reads_the_answer_to_every_kind_of_request(browser: Browser) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        # The app is somebody else's and works; only its API is down.
        page.route(APP, lambda route: route.fulfill(body="<title>App</title>", content_type="text/html"))
        page.goto(APP)
        for options in (
            {"headers": {"Accept": "application/json"}},
            {"credentials": "include"},
            {
                "method": "PUT",
                "body": "{}",
                "headers": {"Content-Type": "application/json", "Authorization": "Bearer x"},
            },
            {"method": "DELETE", "credentials": "include", "headers": {"X-Anything": "1"}},
        ):
            status, retry_after, marker, text = page.evaluate(ASK, {"url": API, "options": options})
            assert (status, retry_after, marker) == (503, "120", "1"), options
            assert text
    finally:
        context.close()
