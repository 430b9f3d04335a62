"""A drill can neither be taken for the real thing nor come into it: numbers, papers, files, databases."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docx import Document

import gongbao.office
from gongbao.exchange.docx import to_docx
from gongbao.exchange.paper import Paper
from gongbao.office import exercise, worker, worlds
from gongbao.office.cases import papers, service
from gongbao.office.demo import incidents, people
from gongbao.office.demo.size import DATE
from gongbao.office.exercise import WrongDatabase
from gongbao.policy.loader import packs_root

pytestmark = pytest.mark.django_db
SETTINGS = {"settings.py", "environment.py", "exercise.py", "up.py"}  # which site a process becomes is said there
NAMED = re.compile(r"GONGBAO_SITE\s*[!=]=\s*[\"']drill[\"']")


def test_whether_it_is_a_drill_is_asked_in_one_place_only() -> None:
    root = Path(gongbao.office.__file__).parent
    asked = [path.name for path in root.rglob("*.py") if NAMED.search(path.read_text(encoding="utf-8"))]
    assert set(asked) <= SETTINGS


@pytest.mark.parametrize(("site", "mark"), [("drill", "演练"), ("12345", ""), ("110", ""), ("office", "")])
def test_what_a_paper_bears(settings, site, mark) -> None:
    settings.GONGBAO_SITE = site
    assert exercise.mark() == mark
    assert exercise.here() is (site == "drill")


def test_a_paper_of_a_demonstration_says_so(monkeypatch) -> None:
    from gongbao.office import clock

    monkeypatch.setattr(clock, "is_demonstration", lambda: True)
    assert exercise.mark() == "演示"


def test_the_mark_stands_at_the_head_of_every_page(tmp_path) -> None:
    for mark, shown in (("演练", "【演练】"), ("", "")):
        path = tmp_path / "paper.docx"
        path.write_bytes(to_docx(Paper(title="通知", kind="red_head", issuer="甲市", mark=mark)))
        section = Document(str(path)).sections[0]
        assert [h.paragraphs[0].text for h in (section.header, section.even_page_header)] == [shown, shown]


def test_the_papers_of_a_case_bear_it(settings, office_clock, monkeypatch) -> None:
    settings.GONGBAO_PACKS = packs_root()
    settings.GONGBAO_SITE = "drill"
    worlds.forget()
    people.fill("12345")
    office_clock.moment = DATE
    (case,) = incidents.straw()
    made: list[Paper] = []
    monkeypatch.setattr(papers, "_docx", lambda filled: made.append(filled) or b"")
    papers.draft(case, "order")
    assert made[0].mark == "演练"


def test_a_file_taken_from_it_says_so_in_its_name(settings, account, signed_in) -> None:
    client = signed_in(account("zhi", "甲市热线中心", "值班员"))
    assert client.get("/duty/roster/xlsx/")["Content-Disposition"].startswith('attachment; filename="roster-')
    settings.GONGBAO_SITE = "drill"
    assert client.get("/duty/roster/xlsx/")["Content-Disposition"].startswith('attachment; filename="drill-roster-')


def test_neither_kind_of_site_begins_on_the_data_of_the_other(settings, opened, account) -> None:
    exercise.check_database()
    settings.GONGBAO_SITE = "drill"
    with pytest.raises(WrongDatabase, match="不是演练的事项"):
        exercise.check_database()
    with pytest.raises(WrongDatabase):
        worker.run()


def test_an_office_does_not_begin_on_the_data_of_a_drill(settings, account) -> None:
    settings.GONGBAO_SITE = "drill"
    case = service.open_case(account("zhi", "甲市热线中心", "值班员"), "toy/street", "warning", {"place": "东区"})
    assert case.number.startswith("演练")
    exercise.check_database()
    settings.GONGBAO_SITE = "office"
    with pytest.raises(WrongDatabase, match="是演练台的"):
        worker.run()


def test_a_drill_does_not_begin_on_the_very_database_of_its_office(settings) -> None:
    from gongbao.office.drills import clearing

    settings.GONGBAO_SITE = "drill"
    settings.DATABASES = {**settings.DATABASES, "real": dict(settings.DATABASES["default"])}
    with pytest.raises(WrongDatabase, match="同一个数据库"):
        clearing.bring_over()
