"""Rows of a register handed out: who may, how many cases a row becomes, never twice, and what its units see."""

from __future__ import annotations

import pytest
from tests.office.cases.conftest import BOOK, CULTURE

from gongbao.office import clock, worlds
from gongbao.office.cases import assigning, lists, service
from gongbao.office.cases.models import Case

pytestmark = pytest.mark.django_db
CULTURE_SHORT = "市文化广电和旅游局"


@pytest.fixture
def outline(city):
    world = worlds.world(BOOK)
    return world, world.registers["outline"]


def hand(outline, account, *keys: str) -> tuple[Case, ...]:
    return assigning.hand_out(*outline, account, keys, clock.today())


def line(outline, account, key: str) -> assigning.Line:
    return next(one for one in assigning.lines(*outline, account, clock.today()) if one.key == key)


def test_a_row_becomes_a_case_of_its_unit_with_what_the_row_says(outline, editor, writer) -> None:
    (case,) = hand(outline, editor, "29.03")
    facts = service.look(case).state.facts
    assert (facts["section"], facts["heading"], facts["words"], facts["charts"]) == ("29.03", "文化产业", 3000, 3)
    assert facts["suppliers"] == [CULTURE]
    assert [todo.case.number for todo in lists.todo(writer)] == [case.number]


def test_a_row_is_handed_out_once(outline, editor) -> None:
    assert len(hand(outline, editor, "29.03", "29.03")) == 1
    assert hand(outline, editor, "29.03") == ()
    assert Case.objects.count() == 1


def test_each_unit_has_a_case_of_its_own_where_the_row_says_so(outline, editor) -> None:
    opened = hand(outline, editor, "18.11")
    assert len(opened) == 10
    assert {tuple(service.look(case).state.facts["suppliers"]) for case in opened} >= {
        ("三河市地方志工作机构",), ("大厂回族自治县地方志工作机构",),
    }  # fmt: skip
    assert line(outline, editor, "18.11").out == 10
    assert hand(outline, editor, "18.11") == ()


def test_units_that_write_together_have_one_case(outline, editor) -> None:
    (case,) = hand(outline, editor, "30.01")
    assert service.look(case).state.facts["suppliers"] == ["廊坊市科学技术局", "廊坊市社会科学界联合会"]


def test_a_row_that_names_nobody_waits_for_the_centre_to_say_who(outline, editor) -> None:
    (case,) = hand(outline, editor, "36.05.02")
    assert [step.id for step in service.look(case).state.steps] == ["assign"]


def test_a_row_with_rows_below_it_is_not_handed_out(outline, editor) -> None:
    with pytest.raises(service.ActionRefused, match="没有可以交办的行：29"):
        hand(outline, editor, "29")
    assert Case.objects.count() == 0


def test_only_the_units_that_open_the_procedure_hand_out(outline, writer) -> None:
    world, register = outline
    assert not assigning.may_hand_out(world, register, writer, clock.today())
    with pytest.raises(service.ActionRefused):
        hand(outline, writer, "29.03")
    assert Case.objects.count() == 0


def test_counts_of_a_branch_are_those_of_the_rows_below_it(outline, editor) -> None:
    hand(outline, editor, "29.03", "29.08.01")
    branch = line(outline, editor, "29")
    assert (branch.node.leaves, branch.all, branch.out, branch.closed) == (20, 20, 2, 0)


def test_the_share_of_a_unit_is_what_the_outline_prints(outline, editor) -> None:
    world, register = outline
    hand(outline, editor, "29.03")
    share = {one.unit: one for one in assigning.unit_lines(world, register, editor, clock.today())}
    culture = share[CULTURE]
    assert (culture.rows, culture.sums, culture.out, culture.closed) == (18, {"words": 42000, "charts": 52}, 1, 0)


def test_somebody_who_takes_no_part_sees_that_a_row_is_handed_out_and_not_its_case(outline, editor, account) -> None:
    hand(outline, editor, "29.03")
    (held,) = line(outline, account("shui", "廊坊市水利局", "承办人"), "29.03").held
    assert held.case is None


def test_the_page_offers_handing_out_only_to_those_who_may(outline, editor, writer, signed_in) -> None:
    address = f"/rows/{BOOK}/outline/"
    assert "交办所选" in signed_in(editor).get(address).content.decode()
    answer = signed_in(writer).get(address)
    assert answer.status_code == 200
    assert "交办所选" not in answer.content.decode()
    signed_in(writer).post(address, {"row": ["29.03"]})
    assert Case.objects.count() == 0


def test_where_matters_are_opened_by_hand_the_list_to_hand_out_is_one_link_away(city, editor, signed_in) -> None:
    page = signed_in(editor).get("/cases/new/").content.decode()
    assert f'<a href="/rows/{BOOK}/outline/">按“框架”交办</a>' in page
    assert f'<a href="/rows/{BOOK}/supplier_units/">按“供稿单位”交办</a>' in page


def test_all_below_a_category_are_handed_out_at_once(outline, editor, signed_in) -> None:
    answer = signed_in(editor).post(f"/rows/{BOOK}/outline/", {"under": "12"}, follow=True)
    assert "已交办 6 件" in answer.content.decode()
    assert Case.objects.count() == 6


def test_every_supplier_is_asked_for_its_writers(outline, editor) -> None:
    world = worlds.world(BOOK)
    (case,) = assigning.hand_out(world, world.registers["supplier_units"], editor, [CULTURE_SHORT], clock.today())
    assert service.look(case).state.facts["unit"] == CULTURE


def test_two_editions_are_compared_on_a_page(outline, editor, signed_in) -> None:
    page = signed_in(editor).get(f"/rows/{BOOK}/outline/?view=diff").content.decode()
    assert "法治、军事 → 军事" in page
    assert "12345政府服务热线 → 12345政务服务便民热线" in page


def test_a_list_that_is_not_handed_out_has_no_such_page(outline, editor, signed_in) -> None:
    assert signed_in(editor).get(f"/rows/{BOOK}/entry_kinds/").status_code == 404
    assert signed_in(editor).get(f"/rows/{BOOK}/outline/?view=units").status_code == 200
