"""SMS through the gateway's documented interface: a real HTTP server that keeps to it, and ways in which it may not."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client
from django.urls import reverse

from gongbao.office.sending import rounds
from gongbao.office.sending.models import Channel, Recipient

pytestmark = pytest.mark.django_db


class Gateway:
    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.tokens: list[str] = []
        self.answer: tuple[int, bytes] = (200, b'{"status": "accepted"}')


@pytest.fixture
def gateway(settings):
    held = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            held.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            held.tokens.append(self.headers["Authorization"])
            code, body = held.answer
            if code == 0:
                self.connection.close()
                return
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.GONGBAO_SMS_URL = f"http://127.0.0.1:{server.server_port}/send"
    settings.GONGBAO_SMS_TOKEN, settings.GONGBAO_SMS_REPORT_TOKEN = "secret", "report-secret"
    yield held
    server.shutdown()
    server.server_close()


def test_an_sms_is_one_request_with_its_id_number_and_text(made, gateway):
    made("13800000000", sms="请关好门窗")
    rounds.send_waiting()
    row = Recipient.objects.get()
    assert row.state == "sent"
    assert gateway.asked == [{"id": row.mail_id.strip("<>"), "to": "13800000000", "text": "请关好门窗"}]
    assert gateway.tokens == ["Bearer secret"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((200, b'{"status": "refused", "error": "bad number"}'), "failed"),
        ((400, b"bad"), "failed"),
        ((429, b"slow"), "queued"),
        ((503, b"busy"), "queued"),
        ((500, b"oops"), "unclear"),
        ((200, b"no json"), "unclear"),
        ((200, b"{}"), "unclear"),
        ((0, b""), "unclear"),
    ],
)
def test_what_the_gateway_answers_is_what_is_kept(made, gateway, answer, state):
    gateway.answer = answer
    made("13800000000")
    rounds.send_waiting()
    rounds.send_waiting()
    assert Recipient.objects.get().state == state
    assert len(gateway.asked) == 1


@pytest.mark.parametrize("how", ["refused token", "no server"])
def test_a_gateway_that_takes_nothing_rests(made, gateway, settings, how):
    gateway.answer = (401, b"who are you")
    if how == "no server":
        settings.GONGBAO_SMS_URL = "http://127.0.0.1:9/send"
    made("13800000000")
    rounds.send_waiting()
    assert Recipient.objects.get().state == "queued"
    assert Channel.objects.get(pk="sms").failures == 1


def report(token: str, **body) -> tuple[int, dict]:
    answer = Client().post(reverse("sending:reports"), json.dumps(body), content_type="application/json",
                           headers={"Authorization": f"Bearer {token}"})  # fmt: skip
    return answer.status_code, answer.json()


def test_a_delivery_report_is_the_receipt(made, gateway):
    made("13800000000", "13800000001")
    rounds.send_waiting()
    first, second = (row.mail_id.strip("<>") for row in Recipient.objects.order_by("id"))
    reports = [{"id": first, "status": "delivered"}, {"id": second, "status": "failed", "error": "停机"}]
    assert report("report-secret", reports=reports) == (200, {"taken": 2})
    assert report("report-secret", reports=reports) == (200, {"taken": 0})
    one, two = Recipient.objects.order_by("id")
    assert (one.received_how, one.state) == ("网关回执", "sent")
    assert (two.state, two.error, two.received_at) == ("failed", "停机", None)


@pytest.mark.parametrize(
    ("token", "body", "code"),
    [
        ("wrong", {"reports": []}, 401),
        ("report-secret", {}, 400),
        ("report-secret", {"reports": [{"id": "x", "status": "delivered"}]}, 400),
        ("report-secret", {"reports": [{"id": "x", "status": "maybe"}]}, 400),
        ("report-secret", {"reports": []}, 200),
    ],
)
def test_a_report_that_is_none_is_refused(made, gateway, token, body, code):
    assert report(token, **body)[0] == code


def test_one_report_that_is_none_and_the_request_is_not_taken_at_all(made, gateway):
    made("13800000000")
    rounds.send_waiting()
    good = {"id": Recipient.objects.get().mail_id.strip("<>"), "status": "delivered"}
    assert report("report-secret", reports=[good, {"id": "x", "status": "delivered"}])[0] == 400
    assert Recipient.objects.get().received_at is None


def test_without_a_token_set_no_report_is_taken(settings):
    settings.GONGBAO_SMS_REPORT_TOKEN = ""
    assert report("", reports=[])[0] == 401
