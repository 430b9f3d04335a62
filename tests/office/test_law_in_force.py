"""Versions of a document in the office: a new matter takes the one of its day, an open one keeps its own or moves."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
from tests.office.browsing import CHROMIUM, shot

from gongbao.dmn import xml
from gongbao.engine.decision.decide import decide
from gongbao.engine.model import NOTE
from gongbao.office import worker, worlds
from gongbao.office.cases import chain, log, moving, receipts, service
from gongbao.office.cases.models import Case, Event, Notice, PackVersion
from gongbao.office.cases.rebuild import rebuild_case
from gongbao.policy import drawing

pytestmark = pytest.mark.django_db(databases=["default", "exchange"])

GIVEN = {"content": "路灯不亮", "place": "东区"}
A, B = "甲政〔2023〕1号", "甲政〔2023〕9号"
HELD = "{from: 2023-01-01, applies_by: event_date}"
FIX = "revision: {no: 2, kind: transcription_fix}\n"


@pytest.fixture
def lay(toy, settings, tmp_path):
    """lay(folder, number, in_force, more) lays a version of the toy pack; `limit`: its time for handling."""
    packs = tmp_path / "packs"
    shutil.copytree(settings.GONGBAO_PACKS, packs)
    base = (packs / "toy" / "street").rename(tmp_path / "base")
    settings.GONGBAO_PACKS = packs

    def make(folder: str, number: str = A, held: str = HELD, more: str = "", limit: int = 5) -> Path:
        made = packs / "toy" / folder
        shutil.rmtree(made, ignore_errors=True)
        shutil.copytree(base, made)
        for name, old, new in (("document.yaml", HELD, held), ("document.yaml", A, number),
                               ("procedures.yaml", "5 working days", f"{limit} working days")):  # fmt: skip
            text = (made / name).read_text("utf-8")
            assert old in text
            (made / name).write_text(text.replace(old, new), "utf-8")
        with (made / "document.yaml").open("a", encoding="utf-8") as file:
            file.write(more)
        worlds.forget()
        moving.forget()
        return made

    return make


@pytest.fixture
def two(lay):
    """Until 4 March the version of January, from 5 March the other; `how` is what the later one says of open cases."""

    def make(how: str = "keep", limit: int = 10) -> None:
        lay("street@1", A, "{from: 2023-01-01, until: 2023-03-04, applies_by: event_date}")
        lay("street@2", B, f"{{from: 2023-03-05, applies_by: event_date, open_cases: {how}}}", limit=limit)

    return make


def sent(operator) -> Case:
    case = service.open_case(operator, "toy/street", "complaint", GIVEN)
    return service.act(case, operator, "sent", facts={"handler": "东区城管局"})


def label(case: Case) -> str:
    return worlds.world_of(case).label


def limit_of(case: Case) -> dt.date:
    seen = service.look(Case.objects.get(pk=case.pk))
    due = next(d.due for d in seen.state.deadlines if d.id == "handle_limit")
    assert due is not None
    return due.date()


def test_a_new_matter_takes_the_version_of_its_own_day_also_when_it_is_entered_late(
    two, operator, office_clock
) -> None:
    two()
    first = service.open_case(operator, "toy/street", "complaint", GIVEN)
    office_clock.advance(days=4)
    second = service.open_case(operator, "toy/street", "complaint", GIVEN)
    late = service.open_case(operator, "toy/street", "complaint", GIVEN, occurred_at=dt.datetime(2023, 3, 4, 23, 59))
    midnight = service.open_case(operator, "toy/street", "complaint", GIVEN, occurred_at=dt.datetime(2023, 3, 5, 0, 0))
    assert [label(each) for each in (first, second, late, midnight)] == ["1", "2", "1", "2"]
    assert PackVersion.objects.filter(pack="toy/street").count() == 2


def test_the_day_of_the_event_stands_in_a_fact(lay, operator, office_clock) -> None:
    for folder, number, held in (
        ("street@1", A, "{from: 2023-01-01, until: 2023-02-14, date_fact: found_at}"),
        ("street@2", B, "{from: 2023-02-15, date_fact: found_at}"),
    ):
        made = lay(folder, number, held)
        with (made / "facts.yaml").open("a", encoding="utf-8") as file:
            file.write("found_at: {label: 发现时间, type: datetime}\n")
        procedures = (made / "procedures.yaml").read_text("utf-8")
        changed = procedures.replace('place, "danger?"]', 'place, "danger?", "found_at?"]')
        assert changed != procedures
        (made / "procedures.yaml").write_text(changed, "utf-8")
    worlds.forget()
    made = [
        service.open_case(operator, "toy/street", "complaint", {**GIVEN, **more})
        for more in ({}, {"found_at": "2023-02-14 23:59"}, {"发现时间": "2023-02-15 00:00"})
    ]
    assert [label(each) for each in made] == ["2", "1", "2"]
    with pytest.raises(service.ActionRefused, match="发现时间"):
        service.open_case(operator, "toy/street", "complaint", {**GIVEN, "发现时间": "前天"})


def test_an_open_matter_keeps_its_version_and_can_be_acted_on_when_the_folder_is_gone(
    two, settings, operator, east, office_clock
) -> None:
    two("keep")
    case = sent(operator)
    before = limit_of(case)
    office_clock.advance(days=5)
    assert moving.move_due() == 0
    assert (label(case), limit_of(case)) == ("1", before)
    shutil.rmtree(Path(settings.GONGBAO_PACKS) / "toy" / "street@1")
    worlds.forget()
    case = service.act(case, east, "answered", facts={"result": "已修"})
    assert (label(case), chain.verify_chain(case)) == ("1", ())


def test_an_open_matter_moves_on_the_day_on_which_the_new_version_begins(two, operator, east, office_clock) -> None:
    two("move")
    case = sent(operator)
    before = limit_of(case)
    office_clock.advance(days=3, hours=14, minutes=59, seconds=59)  # the last second of 4 March
    assert moving.move_due() == 0
    office_clock.advance(seconds=1)
    assert (moving.move_due(), moving.move_due()) == (1, 0)
    moving.forget()
    assert moving.move_due() == 0
    case.refresh_from_db()
    assert label(case) == "2"
    assert limit_of(case) > before
    note = Event.objects.get(case=case, type=NOTE)
    assert "改按《甲市街面事务办理办法》（甲政〔2023〕9号）办理" in note.note
    assert note.data["moved"]["to"] == case.version
    assert Notice.objects.filter(case=case, kind="version").count() == 1
    assert chain.verify_chain(case) == ()
    assert service.look(case).state.faults == ()
    case = service.act(case, east, "answered", facts={"result": "已修"})
    assert case.steps[0]["id"] == "visit"


def test_moving_leaves_what_a_rebuild_would_write(two, operator, office_clock) -> None:
    two("move")
    case = sent(operator)
    office_clock.advance(days=5)
    moving.move_due()
    case.refresh_from_db()
    held = (case.version, case.seq, case.head, case.next_due, case.steps)
    rebuild_case(case)
    case.refresh_from_db()
    assert (case.version, case.seq, case.head, case.next_due, case.steps) == held


def test_to_a_correction_an_open_matter_moves_beside_it_or_in_its_place(lay, operator, office_clock) -> None:
    lay("street")
    case = sent(operator)
    version, before = case.version, limit_of(case)
    lay("street", more=FIX, limit=10)  # the same folder: the files of the first are with the case alone
    assert moving.move_due() == 1
    case.refresh_from_db()
    assert case.version != version
    assert limit_of(case) > before
    assert "第2次修订（改正转录）" in Event.objects.get(case=case, type=NOTE).note
    lay("street@3", more="revision: {no: 3, kind: transcription_fix}\n", limit=20)
    assert moving.move_due() == 1
    case.refresh_from_db()
    assert (label(case), chain.verify_chain(case)) == ("3", ())


def test_files_that_were_only_changed_move_nothing(lay, operator) -> None:
    lay("street")
    case = sent(operator)
    lay("street", limit=10)
    assert moving.move_due() == 0
    assert Case.objects.get(pk=case.pk).version == case.version


def test_a_closed_matter_stays(two, operator, east, office_clock) -> None:
    two("move")
    case = sent(operator)
    service.act(case, east, "answered", facts={"result": "已修"})
    service.act(case, operator, "finished", facts={"satisfied": "满意"})
    office_clock.advance(days=5)
    assert moving.move_due() == 0
    assert label(Case.objects.get(pk=case.pk)) == "1"


def test_a_matter_that_would_not_mean_the_same_stays_and_says_so_once(two, settings, operator, office_clock) -> None:
    two("move")
    file = Path(settings.GONGBAO_PACKS) / "toy" / "street@2" / "procedures.yaml"
    text = file.read_text("utf-8").replace("    handle:\n", "    handling:\n").replace("[handle]", "[handling]")
    file.write_text(text, "utf-8")
    worlds.forget()
    case = sent(operator)
    office_clock.advance(days=5)
    for _ in range(2):
        assert moving.move_due() == 0
        moving.forget()
    assert label(Case.objects.get(pk=case.pk)) == "1"
    notice = Notice.objects.get(case=case, kind="version")
    assert "不能改按" in notice.text


def test_a_receipt_stands_on_the_version_it_was_made_in(two, lay, account, office_clock) -> None:
    two("move")
    officer, mayor = account("yuan", "甲市热线中心", "值班员"), account("shi", "甲市人民政府", posts=["市长"])
    case = service.open_case(officer, "toy/street", "warning", {"place": "东区", "dust": 320})
    case = service.act(case, mayor, "signed", facts={"dust": 320})
    seq = next(e.seq for e in log.events_of(case) if "receipt" in e.data)
    first = case.version
    office_clock.advance(days=5)
    assert moving.move_due() == 1
    case.refresh_from_db()
    assert case.version != first
    held = Event.objects.get(case=case, seq=seq).data["receipt"]
    assert (held["version"], held["law"]["label"]) == (first, "1")
    assert receipts.verify(case, seq) == []
    assert {d.field for d in receipts.verify(case, seq, worlds.world_of(case))} >= {"version", "law", "document"}


def test_the_worker_moves_them(two, operator, office_clock) -> None:
    two("move")
    case = sent(operator)
    office_clock.advance(days=5)
    worker.turn()
    assert label(Case.objects.get(pk=case.pk)) == "2"


def test_a_day_on_which_no_version_holds_asks_for_the_basis(lay, operator, office_clock) -> None:
    lay("street", held="{from: 2023-01-01, until: 2023-02-28, applies_by: event_date}")
    with pytest.raises(service.ActionRefused, match="有效期到2023-02-28为止"):
        service.open_case(operator, "toy/street", "complaint", GIVEN)
    case = service.open_case(operator, "toy/street", "complaint", GIVEN, basis_confirmed_by="主任")
    assert case.is_open


def test_a_version_drawn_in_a_dmn_file_of_a_chinese_encoding_is_kept_with_its_cases(
    lay, settings, operator, signed_in
) -> None:
    folder = lay("street")
    drawn = xml.write(drawing.drawn(worlds.world("toy/street")).model).decode()
    (folder / "decisions").mkdir()
    text = drawn.replace("utf-8", "GB18030", 1).replace("UTF-8", "GB18030", 1)
    (folder / "decisions" / "level.dmn").write_bytes(text.encode("gb18030"))
    (folder / "decisions.yaml").write_text("level: {label: 粉尘等级, cite: 一, dmn: level.dmn}\n", "utf-8")
    worlds.forget()
    page = signed_in(operator).get("/library/pack/toy/street/decision/level/").content.decode()
    assert "level.dmn" in page
    case = sent(operator)
    shutil.rmtree(folder)
    worlds.forget()
    world = worlds.world_of(case)
    assert world.version == case.version
    assert decide(world, "level", {"dust": 300}).output == "红色"


def test_the_page_of_a_pack_shows_its_versions_and_which_holds_on_a_day(two, operator, signed_in, office_clock) -> None:
    two("move")
    sent(operator)
    client = signed_in(operator)
    page = client.get("/library/pack/toy/street/").content.decode()
    assert "沿革" in page
    assert page.index(A) < page.index(B)
    assert "2023-03-04" in page
    asked = client.get("/library/pack/toy/street/?on=2023-03-05").content.decode()
    assert "2023-03-05" in asked
    assert f"{B}" in asked.split("该日有效", 1)[1][:400]
    none = client.get("/library/pack/toy/street/?on=2022-12-31").content.decode()
    assert "该日没有有效的版本" in none
    assert client.get("/library/pack/toy/street/?on=never").status_code == 400


PACK = "/library/pack/toy/street/"
BAR = "不是现行版本"


@pytest.fixture
def stricter(two, lay, settings, operator, signed_in, office_clock):
    """Two versions: until 4 March red from 300 on, from 5 March (the office's day is the 6th) from 200 on."""
    two()
    root = Path(settings.GONGBAO_PACKS) / "toy"
    for folder, change in (("street@1", {"label: 粉尘等级": "label: 粉尘级别", "label: 来电人": "label: 来电者"}),
                           ("street@2", {">= 300": ">= 200"})):  # fmt: skip
        for name in ("decisions.yaml", "facts.yaml"):
            text = (root / folder / name).read_text("utf-8")
            for old, new in change.items():
                text = text.replace(old, new)
            (root / folder / name).write_text(text, "utf-8")
    worlds.forget()
    office_clock.advance(days=5)
    return signed_in(operator)


def test_every_page_of_the_pack_shows_the_version_of_the_day_and_hands_the_day_on(stricter) -> None:
    whole = stricter.get(f"{PACK}?on=2023-03-04").content.decode()
    assert "粉尘级别" in whole
    assert BAR in whole
    for address in ("duties/", "figures/", "decision/level/", "decision/level/try/", "procedure/complaint/"):
        now, then = (stricter.get(f"{PACK}{address}{query}").content.decode() for query in ("", "?on=2023-03-04"))
        assert (BAR in now, BAR in then) == (False, True), address
        assert (A in then, f"{PACK}?on=2023-03-04" in then) == (True, True), address
        assert f"{PACK}?on" not in now
    for address in ("duties/", "figures/", "decision/level/", "decision/level/try/", "procedure/complaint/"):
        assert f'{PACK}{address}?on=2023-03-04"' in whole, address
    assert "来电者" in stricter.get(f"{PACK}figures/?on=2023-03-04").content.decode()
    assert "来电者" not in stricter.get(f"{PACK}figures/?on=2023-03-05").content.decode()
    present = stricter.get(f"{PACK}decision/level/?on=2023-03-05").content.decode()
    assert "也是现行版本" in present
    none = stricter.get(f"{PACK}decision/level/?on=2022-12-31").content.decode()
    assert "没有有效的版本" in none
    assert BAR in none


def test_a_trial_decides_with_the_version_and_day_that_are_asked_for(stricter) -> None:
    address = f"{PACK}decision/level/try/"
    shown = {
        day: stricter.get(address, {"f-dust": "250", "on": day}).context["trial"].outcome.output
        for day in ("2023-03-04", "2023-03-05", "")
    }
    assert shown == {"2023-03-04": "黄色", "2023-03-05": "红色", "": "红色"}
    page = stricter.get(address, {"f-dust": "250", "on": "2023-03-04"}).content.decode()
    assert '判定之日 <span class="num">2023-03-04' in page
    assert 'name="on" type="date" form="trial" value="2023-03-04"' in page


def test_a_form_of_another_version_is_loaded_anew(stricter) -> None:
    address = f"{PACK}decision/level/try/?f-dust=250&on=2023-03-04"
    seen = json.loads(stricter.get(address).context["seen"])["X-Seen"]
    same = stricter.get(address, headers={"HX-Request": "true", "X-Seen": seen})
    assert ("HX-Redirect" in same.headers, "黄色" in same.content.decode()) == (False, True)
    other = stricter.get(address.replace("03-04", "03-05"), headers={"HX-Request": "true", "X-Seen": seen})
    assert other.headers["HX-Redirect"] == address.replace("03-04", "03-05")


def test_the_day_of_the_event_that_is_typed_picks_the_version_of_a_trial(lay, operator, signed_in) -> None:
    for folder, number, held, limit in (
        ("street@1", A, "{from: 2023-01-01, until: 2023-02-14, date_fact: found_at}", "300"),
        ("street@2", B, "{from: 2023-02-15, date_fact: found_at}", "200"),
    ):
        made = lay(folder, number, held)
        with (made / "facts.yaml").open("a", encoding="utf-8") as file:
            file.write("found_at: {label: 发现时间, type: date}\n")
        text = (made / "decisions.yaml").read_text("utf-8")
        (made / "decisions.yaml").write_text(text.replace("300", limit), "utf-8")
    worlds.forget()
    client, address = signed_in(operator), f"{PACK}decision/level/try/"
    assert "发现时间" in client.get(address).content.decode()
    for day, level in (("2023-02-14", "黄色"), ("2023-02-15", "红色"), ("", "红色")):
        found = client.get(address, {"f-dust": "250", "f-found_at": day, "on": "2023-02-20"})
        assert found.context["trial"].outcome.output == level, day


def test_a_matter_leads_to_the_version_it_stands_on(two, settings, account, signed_in, office_clock) -> None:
    two()
    officer = account("yuan", "甲市热线中心", "值班员")
    case = service.open_case(officer, "toy/street", "warning", {"place": "东区", "dust": 320})
    client = signed_in(officer)
    link = f"{PACK}decision/level/?version={case.version[:16]}"
    page = client.get(f"/case/{case.number}/").content.decode()
    assert (f'href="{PACK}decision/level/"' in page, link in page) == (True, False)  # the present one needs no name
    office_clock.advance(days=5)
    worlds.forget()
    page = client.get(f"/case/{case.number}/").content.decode()
    assert f'href="{link}"' in page
    assert f'href="{PACK}?version={case.version[:16]}"' in page
    for stored in (False, True):  # in the folder of packs; then as the case alone keeps it
        if stored:
            shutil.rmtree(Path(settings.GONGBAO_PACKS) / "toy" / "street@1")
            worlds.forget()
        shown = client.get(link)
        assert shown.context["version"] == case.version
        text = shown.content.decode()
        assert ("办件所依的版本" in text, BAR in text, "文件只随办件保存" in text) == (True, True, stored)
        assert f"try/?version={case.version[:16]}" in text
    assert client.get(f"{PACK}?version=000000000000").status_code == 404


@pytest.mark.parametrize("day", ["2023-02-29", "2023-13-01", "2023-3-1", "明天"])
@pytest.mark.parametrize("address", ["", "duties/", "decision/level/", "decision/level/try/", "figures/"])
def test_a_day_that_there_is_not_is_told_by_its_name(two, operator, signed_in, day, address) -> None:
    two()
    refused = signed_in(operator).get(f"{PACK}{address}?on={day}")
    assert refused.status_code == 400
    assert f"日期（on）“{day}”不对" in refused.content.decode()
    assert ("没有这一天" in refused.content.decode()) == (day in ("2023-02-29", "2023-13-01"))


def test_a_corrected_version_is_shown_with_the_last_day_that_it_states(lay, operator, signed_in) -> None:
    held = "{from: 2023-01-01, until: 2027-12-31, applies_by: event_date}"
    lay("street@1", A, held)
    lay("street@2", A, held, more=FIX)
    page = signed_in(operator).get("/library/pack/toy/street/").content.decode()
    assert page.count("2023-01-01 至 2027-12-31") == 2


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium（apt install chromium）")
@pytest.mark.django_db(transaction=True, databases=["default", "exchange"])
def test_its_pages_fit_a_desk_and_a_phone(two, lay, operator, signed_in, browser, live_server, office_clock) -> None:
    two("move")
    lay("street@3", B, "{from: 2023-03-05, applies_by: event_date, open_cases: move}", more=FIX)
    sent(operator)
    case = service.open_case(operator, "toy/street", "complaint", GIVEN)
    office_clock.advance(days=5)
    moving.move_due()
    cookie = next(iter(signed_in(operator).cookies.values()))
    context = browser.new_context(base_url=live_server.url, locale="zh-CN")
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    context.route("**/live/**", lambda route: route.abort())  # the test server would hold the stream
    page, wrong = context.new_page(), []
    for name, address in (
        ("lineage", "/library/pack/toy/street/"),
        ("lineage-on", "/library/pack/toy/street/?on=2023-03-04"),
        ("lineage-none", "/library/pack/toy/street/?on=2022-12-31"),
        ("older-decision", f"{PACK}decision/level/?on=2023-03-04"),
        ("older-try", f"{PACK}decision/level/try/?on=2023-03-04&f-dust=250"),
        ("older-duties", f"{PACK}duties/?on=2023-03-04"),
        ("older-figures", f"{PACK}figures/?on=2023-03-04"),
        ("no-such-day", f"{PACK}?on=2023-02-29"),
        ("moved", f"/case/{case.number}/"),
    ):
        page.goto(address)
        wrong += shot(page, name)
    page.goto(f"{PACK}decision/level/try/?on=2023-03-04&f-dust=250")
    page.fill("#on", "2023-03-05")  # outside of the form that it belongs to, so that only the button asks again
    page.get_by_role("button", name="按这一天判定").click()
    page.wait_for_url("**on=2023-03-05*")
    page.get_by_text("也是现行版本").or_(page.get_by_text(f"按 {B}")).first.wait_for()
    assert page.input_value("#f-dust") == "250"
    context.close()
    assert wrong == []
