"""In the browser: a suggestion from its registration to the look-back, by the units whose acts they are.

Three deputies get three letters, one co-unit objects to publication, one deputy is dissatisfied and the work is done
again, and the item of class B is looked at in September. Needs Debian's chromium; GONGBAO_SHOTS=<folder> keeps pictures.
"""

from __future__ import annotations

import datetime as dt

import pytest
from tests.office.browsing import WALK
from tests.office.incidents.walking import Person

from gongbao.office import clock
from gongbao.office.cases import service
from gongbao.office.cases.models import Case, Event
from gongbao.policy.loader import packs_root

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]

COPIED = ("市人大常委会选举代表人事工作委员会", "市政府办公室")


class Clerk(Person):
    """A person on the common page of one matter."""

    def do(self, case: Case, act: str, **values: str) -> None:
        """The act `step.action[.key]` of the page (or an `anytime` one by its action), filled and sent."""
        self.go(f"/case/{case.number}/")
        self.page.locator(f"[id='act-{act}']").evaluate("fold => { fold.open = true }")
        form = self.page.locator(f"[id='act-{act}'] > form")
        self.fill(form, values)
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            form.locator("button").last.click()

    def did(self, case: Case, act: str, **values: str) -> None:
        self.do(case, act, **values)
        assert not self.page.locator(".errors").count(), self.page.locator(".errors").inner_text()

    def refused(self, case: Case, act: str, **values: str) -> str:
        before = Event.objects.filter(case=case).count()
        self.do(case, act, **values)
        assert Event.objects.filter(case=case).count() == before
        return self.page.locator(".errors").inner_text()

    def not_offered(self, case: Case, act: str) -> str:
        """What the page says of the acts that are not possible now; `act` must be none of those it offers."""
        self.go(f"/case/{case.number}/")
        assert not self.page.locator(f"[id='act-{act}']").count()
        return self.page.locator("main").text_content() or ""


@pytest.fixture
def clerk(browser, live_server, signed_in, account, settings, tmp_path, office_clock):
    """clerk(unit) is a clerk of that unit at the common pages; the clock stands where the test puts it."""
    city = tmp_path / "packs" / "langfang"
    city.mkdir(parents=True)
    for name in ("units.yaml", "proposals-2023"):
        (city / name).symlink_to(packs_root() / "langfang" / name)
    settings.GONGBAO_PACKS = city.parent
    made: list[Clerk] = []

    def start(unit: str) -> Clerk:
        made.append(Clerk(browser, live_server, signed_in(account(f"clerk{len(made)}", unit, "承办人"))))
        return made[-1]

    yield start
    for one in made:
        one.context.close()
        assert one.wrong == []


def test_a_suggestion_from_registration_to_lookback(clerk, office_clock) -> None:
    def on(day: str, hour: int = 9) -> None:
        office_clock.moment = dt.datetime.fromisoformat(f"2023-{day}T{hour:02}:00").replace(tzinfo=clock.SHANGHAI)

    def state():
        return service.look(Case.objects.get(pk=case.pk)).state

    def letters() -> list[str]:
        return [e.facts["addressee"] for e in Event.objects.filter(case=case, type="replied").order_by("seq")]

    office, law = clerk("廊坊市人民政府办公室"), clerk("廊坊市人民政府提案法规科")
    lead, money, police = clerk("廊坊市住房和城乡建设局"), clerk("廊坊市财政局"), clerk("廊坊市公安局")

    on("03-01")
    office.go("/cases/")
    office.page.get_by_role("link", name="开立事项").click()
    office.page.get_by_role("link", name="建议提案办理").click()
    office.shot("proposal-01-register")
    office.fill(
        office.page.locator("main form"),
        {"kind": "代表建议", "item_no": "12", "title": "增设路灯", "authors": "甲某\n乙某\n丙某"},
    )
    with office.page.expect_navigation():
        office.page.get_by_role("button", name="开立").click()
    case = Case.objects.get()
    assert case.title == "代表建议12号：增设路灯"
    office.did(
        case,
        "assign.assigned",
        lead_unit="廊坊市住房和城乡建设局",
        co_units="市财政局\n市公安局",
        city_key="否",
        ten_areas="否",
    )
    assert {(s.id, s.each_key) for s in state().steps} == {
        ("divide", None), ("co_handle", "市财政局"), ("co_handle", "市公安局"), ("track", None),
    }  # fmt: skip

    on("03-08")
    lead.did(
        case, "divide.divided", chief="张某", leader="李某", section="市政科", handler="王某", phone="0316-1",
        division_confirmed="是",
    )  # fmt: skip
    lead.did(case, "analyse.analysed", analysis_note="已分析", plan_note="分年建设")
    lead.shot("proposal-02-handled")

    on("04-20")
    money.did(case, "co_handle.co_suggestion.市财政局", co_text="安排资金", co_signer="赵某", co_contact="钱某")
    visit = {"visit_at": "2023-04-19T09:00", "visit_place": "某村", "attitude_opinion": "认真", "work_opinion": "尽快"}
    assert "不得委托" in lead.refused(
        case, "track.visited", contact_author="甲某", visit_by="委托下级单位", card_signed="是", **visit
    )
    lead.shot("proposal-03-visit-refused")
    lead.did(case, "track.visited", contact_author="甲某", visit_by="承办单位直接组织", card_signed="是", **visit)
    for author in ("乙某", "丙某"):
        lead.did(
            case, "track.contacted_once", contact_author=author, contact_at="2023-04-19T10:00", contact_way="电话",
            contact_note="已沟通",
        )  # fmt: skip
    on("05-04")
    police.did(
        case,
        "co_handle.co_suggestion.市公安局",
        co_text="配合施工",
        co_public="否",
        co_signer="孙某",
        co_contact="周某",
    )
    co = {d.owner: d.status for d in state().deadlines if d.id == "co_handle"}
    assert co == {("廊坊市财政局",): "met", ("廊坊市公安局",): "met_late"}

    draft = {
        "solved": "否", "planned": "是", "blocked_by": "没有", "reply_text": "列入2024年计划", "public_mark": "未标注",
        "signer": "李某", "letter_contact": "王某 0316-1", "signed_by_leader": "是",
    }  # fmt: skip
    on("05-16")
    assert "十个工作日" in lead.refused(case, "draft.review_sent", planned_reply_on="2023-05-30", **draft)
    lead.did(case, "draft.review_sent", planned_reply_on="2023-05-31", **draft)
    assert state().decided["reply_class"].value == {"class": "B"}
    law.did(case, "review.review_passed")
    law.shot("proposal-04-reviewed")
    on("05-30")
    assert "报审须满十个工作日" in lead.refused(case, "reply.reply_suggestion.甲某")
    on("05-31")
    for author in ("甲某", "乙某", "丙某"):
        lead.did(case, f"reply.reply_suggestion.{author}")
    assert letters() == ["甲某", "乙某", "丙某"]
    lead.go(f"/case/{case.number}/")
    assert lead.page.get_by_text("代表建议答复函").count() >= 3
    lead.shot("proposal-05-answered")

    assert "没有送全" in lead.refused(case, "copy.copied", copied_to="、".join(COPIED), electronic_sent="是")
    lead.did(
        case,
        "copy.copied",
        copied_to="、".join((*COPIED, "会办单位")),
        electronic_sent="是",
    )
    published = {"publish_channel": "本单位门户网站", "publish_link": "网站", "publish_original": "否"}
    assert "会办单位不同意的先沟通确认" in lead.not_offered(case, "publish.published")
    lead.did(case, "publish.publicity_confirmed", co_confirmed="是", public_mark="是")
    lead.did(case, "publish.published", **published)
    office.did(case, "track.class_checked", class_check="标注属实", class_note="已核")

    on("06-05")
    for author in ("甲某", "丙某"):
        lead.did(case, f"feedback.content.{author}")
    lead.did(case, "feedback.dissatisfied.乙某", objection="不满意", feedback_note="时间太长")
    lead.did(
        case, "improve.improved.乙某", visit_at="2023-06-05T08:00", visit_place="某街道", visit_by="承办单位直接组织",
        cause_note="进度慢", improve_note="提前到年内",
    )  # fmt: skip
    lead.shot("proposal-06-again")
    again = {**draft, "reply_text": "年内建成", "public_mark": "是"}
    lead.did(case, "draft.review_sent", planned_reply_on="2023-06-20", **again)
    law.did(case, "review.review_passed")
    on("06-20")
    lead.did(case, "reply.reply_suggestion.乙某")
    assert letters() == ["甲某", "乙某", "丙某", "乙某"]
    lead.did(
        case,
        "copy.copied",
        copied_to="、".join((*COPIED, "会办单位")),
        electronic_sent="是",
    )
    lead.did(case, "publish.published", **published)
    lead.did(case, "feedback.content.乙某")

    on("09-20")
    assert "复查（B类）：有无工作进展" in lead.not_offered(case, "recheck.rechecked_a")
    lead.did(case, "recheck.rechecked_b", recheck_yes="否", recheck_note="还没有开工")
    assert "须已逐位答复" in lead.not_offered(case, "track.finished")
    lead.did(case, "push.pushed", push_note="已开工")
    lead.did(case, "recheck.rechecked_b", recheck_yes="是", recheck_note="正在安装")
    lead.did(case, "track.finished")
    assert state().closed_at is not None
    lead.go(f"/case/{case.number}/")
    lead.shot("proposal-07-closed")
