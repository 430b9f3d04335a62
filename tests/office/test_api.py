"""The API lets through what the pages let through, and refuses in the same words."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_a_case_is_opened_acted_on_and_read(toy, operator, east, signed_in):
    desk, unit = signed_in(operator), signed_in(east)
    made = desk.post(
        "/api/cases", {"pack": toy, "procedure": "complaint", "facts": {"诉求内容": "噪声", "place": "东区"}}, JSON
    )
    assert made.status_code == 201
    number, seq = made.json()["number"], made.json()["seq"]
    moved = desk.post(
        f"/api/cases/{number}/act", {"action": "sent", "facts": {"handler": "东区城管局"}, "seq": seq}, JSON
    )
    assert moved.json()["steps"][0]["who"] == ["东区城管局"]
    assert [c["number"] for c in unit.get("/api/cases").json()["cases"]] == [number]
    assert unit.get(f"/api/cases/{number}").json()["facts"]["content"]["text"] == "噪声"


def test_refusals_say_which_field(dispatched, east, signed_in):
    answer = signed_in(east).post(f"/api/cases/{dispatched.number}/act", {"action": "answered", "facts": {}}, JSON)
    assert answer.status_code == 422
    assert "result" in answer.json()["fields"]


def test_an_old_sequence_is_a_conflict(dispatched, east, operator, signed_in):
    answer = signed_in(east).post(
        f"/api/cases/{dispatched.number}/act", {"action": "answered", "facts": {"result": "好"}, "seq": 1}, JSON
    )
    assert answer.status_code == 409


def test_another_unit_is_refused(dispatched, account, signed_in):
    other = signed_in(account("ren", "西区城管局", "承办人"))
    assert other.get(f"/api/cases/{dispatched.number}").status_code == 403
    assert other.get("/api/cases").json()["cases"] == []


def test_unknown_cases_and_packs_are_not_found(operator, signed_in):
    client = signed_in(operator)
    assert client.get("/api/cases/NONE").status_code == 404
    assert client.post("/api/packs/toy/none/decide/level", {"facts": {}}, JSON).status_code == 404


@pytest.mark.parametrize(("dust", "level"), [(99, "无"), (100, "黄色"), (299, "黄色"), (300, "红色")])
def test_a_decision_by_api(toy, operator, signed_in, dust, level):
    answer = signed_in(operator).post(f"/api/packs/{toy}/decide/level", {"facts": {"粉尘浓度": dust}}, JSON)
    made = answer.json()
    assert (made["status"], made["value"], made["receipt"]["facts"]) == ("settled", {"level": level}, {"dust": dust})


def test_what_is_not_known_leaves_candidates_and_what_is_wrong_is_refused_by_fact(toy, operator, signed_in):
    client, address = signed_in(operator), f"/api/packs/{toy}/decide/level"
    open_ = client.post(address, {"facts": {}}, JSON).json()
    assert (open_["status"], open_["value"], [a["fact"] for a in open_["ask"]]) == ("candidates", None, ["dust"])
    wrong = client.post(address, {"facts": {"dust": 1001}}, JSON)
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["dust"])


def test_what_is_no_json_is_refused(operator, signed_in):
    assert signed_in(operator).post("/api/cases", "{", JSON).status_code == 400


def test_the_api_describes_itself(operator, signed_in):
    paths = signed_in(operator).get("/api/openapi.json").json()["paths"]
    assert {"/api/cases", "/api/cases/{number}/act", "/api/packs"} <= set(paths)
