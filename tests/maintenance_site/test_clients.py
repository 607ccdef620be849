"""Every kind of client gets an answer that it understands."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.maintenance_site.clients import BROWSER, CLIENTS, Client
from tests.maintenance_site.deployment import Deployment
from understudy_failover.page import Window, html, page_of

ORIGIN = "https://app.example.net"


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.who)
def test_every_client_gets_what_the_documentation_says(deployed: Deployment, client: Client) -> None:
    response = deployed.ask("www.example.com", client.method, client.path, client.sends)
    assert response.status == client.status
    assert response.headers["retry-after"] == "120"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-maintenance"] == "1"
    assert response.headers["vary"] == "Accept, Accept-Encoding, Accept-Language, Origin"
    assert response.headers.get("content-type", "") == client.content_type
    body = response.body.decode()
    assert (client.holds in body) if client.holds else (body == "")


def test_an_app_of_another_origin_may_read_the_answer_and_its_retry_after(deployed: Deployment) -> None:
    for method in ("GET", "POST"):
        headers = deployed.ask(method=method, headers={"Origin": ORIGIN}).headers
        assert headers["access-control-allow-origin"] == ORIGIN
        assert headers["access-control-allow-credentials"] == "true"
        assert headers["access-control-expose-headers"] == "Retry-After, x-maintenance"


def test_without_an_origin_nothing_is_said_about_origins(deployed: Deployment) -> None:
    assert not [name for name in deployed.ask().headers if name.startswith("access-control")]


def test_a_preflight_allows_what_it_asks_about_and_is_kept_for_no_time(deployed: Deployment) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization",
    }
    response = deployed.ask(method="OPTIONS", path="/api", headers=asked)
    assert response.status == 204
    assert response.body == b""
    named = {name: value for name, value in response.headers.items() if name.startswith("access-control")}
    assert named == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "authorization",
        "access-control-allow-methods": "PUT",
        "access-control-expose-headers": "Retry-After, x-maintenance",
        "access-control-max-age": "0",
    }


def test_hosts_show_their_own_page(deployed: Deployment) -> None:
    def shown(host: str) -> str:
        return deployed.ask(host, headers={"Accept": BROWSER}).body.decode()

    assert '<html lang="ja"' in shown("shop.example.com")
    assert 'aria-label="Example Shop"' in shown("shop.example.com")
    assert "https://status.example.net/" in shown("shop.example.com")
    assert "<h1>نعود قريبًا</h1>" in shown("deep.example.org")
    assert "<h1>Temporarily unavailable</h1>" in shown("api.example.org")


def test_planned_work_reads_differently_and_retry_after_counts_down_to_its_end(deployed: Deployment) -> None:
    window = Window(datetime.now(UTC) + timedelta(hours=2))
    shown = {"Accept": BROWSER}
    with deployed.window("web", window):
        response = deployed.ask(headers=shown)
        assert 7_100 < int(response.headers["retry-after"]) <= 7_200
        assert response.body.decode() == html(page_of(deployed.settings, "www.example.com"), "en", window)
        assert "Down for maintenance" in response.body.decode()
        assert f'<time datetime="{window.ends_at_text}">' in response.body.decode()
        assert "ただいま棚卸し中です" in deployed.ask("shop.example.com", headers=shown).body.decode()
        # Planned work on one server says nothing about another one.
        assert "Temporarily unavailable" in deployed.ask("api.example.org", headers=shown).body.decode()
    after = deployed.ask(headers=shown)
    assert after.headers["retry-after"] == "120"
    assert "Temporarily unavailable" in after.body.decode()


def test_an_api_client_learns_the_end_of_planned_work(deployed: Deployment) -> None:
    window = Window(datetime.now(UTC) + timedelta(minutes=30))
    with deployed.window("web", window):
        response = deployed.ask(headers={"Accept": "application/json"})
    problem = json.loads(response.body)
    assert problem["detail"] == "Down for planned maintenance."
    assert problem["ends_at"] == window.ends_at_text
    assert str(problem["retry_after"]) == response.headers["retry-after"]
    assert problem["retry_after"] == 600, "programs wait for this in silence"


def test_planned_work_without_an_end_promises_none(deployed: Deployment) -> None:
    with deployed.window("web", Window()):
        response = deployed.ask(headers={"Accept": "application/json"})
        page = deployed.ask(headers={"Accept": BROWSER}).body.decode()
    assert response.headers["retry-after"] == "120"
    assert "ends_at" not in json.loads(response.body)
    assert "Down for maintenance" in page
    assert "<time" not in page


def test_when_the_end_has_passed_clients_are_asked_back_as_for_an_outage(deployed: Deployment) -> None:
    with deployed.window("web", Window(datetime.now(UTC) - timedelta(minutes=1))):
        assert deployed.ask().headers["retry-after"] == "120"


def test_a_page_that_is_missing_from_the_bucket_is_replaced_by_one_and_never_by_an_error_of_s3(
    deployed: Deployment,
) -> None:
    deployed.bed.aws.client("s3").delete_object(Bucket=deployed.bucket, Key="web/en.html")
    try:
        response = deployed.ask(headers={"Accept": BROWSER})
    finally:
        with deployed.window("web", Window()):
            pass  # puts everything back
    assert response.status == 503
    assert response.body.decode() == html(deployed.settings.page, "en")
