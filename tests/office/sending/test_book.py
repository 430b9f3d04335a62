"""The address book of units: a table is taken whole or not at all, groups follow the city's units, personal data is masked."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse

from gongbao.exchange.tables import read_table, write_xlsx
from gongbao.office.people.models import Audit
from gongbao.office.sending import book
from gongbao.office.sending.models import Contact, Group

pytestmark = pytest.mark.django_db

ROW = ("东区城管局", "王某", "值班室", "w@x.example", "13800000000", "")


def table(*rows, head=book.HEADER) -> bytes:
    return write_xlsx(head, rows)


@pytest.fixture
def admin(signed_in, account, toy):
    return signed_in(account("guan", "甲市热线中心", "管理员"))


def test_a_table_goes_in_and_comes_out_as_it_was(toy):
    assert book.from_table(table(ROW, ("西区城管局", "", "值班室", "x@x.example", "", "夜间")), "a.xlsx") == 2
    again = read_table(book.as_table(Contact.objects.all()), "a.xlsx")
    assert again.header == book.HEADER
    assert [c.text for c in again.rows[0]][:5] == list(ROW[:5])


def test_a_table_replaces_the_contacts_of_the_units_it_names_and_no_others(toy):
    Contact.objects.create(unit="东区城管局", email="old@x.example")
    Contact.objects.create(unit="西区城管局", email="stays@x.example")
    book.from_table(table(ROW), "a.xlsx")
    assert set(Contact.objects.values_list("email", flat=True)) == {"w@x.example", "stays@x.example"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("", "王", "", "w@x.example", "", ""), "单位）：没有填写"),
        (("不存在局", "王", "", "w@x.example", "", ""), "A3（单位）：没有“不存在局”这个单位"),
        (("东区城管局", "王", "", "", "", ""), "至少填一个"),
        (("东区城管局", "王", "", "w.x.example", "", ""), "D3（邮箱）：“w.x.example”不是邮箱地址"),
        (("东区城管局", "王", "", "", "1380000000", ""), "E3（手机）"),
        (("东区城管局", "王", "", "", "138000000000", ""), "E3（手机）"),
        (ROW, "与 A2 重复"),
        (("东区城管局", "王" * 41, "", "w2@x.example", "", ""), "最多 40 字，现有 41 字"),
    ],
)
def test_one_wrong_cell_is_named_and_nothing_is_taken(toy, row, said):
    Contact.objects.create(unit="东区城管局", email="old@x.example")
    with pytest.raises(book.BadTable) as bad:
        book.from_table(table(ROW, row), "a.xlsx")
    assert said in "；".join(bad.value.faults)
    assert Contact.objects.count() == 1


def test_a_table_without_its_columns_is_refused(toy):
    with pytest.raises(book.BadTable, match="表头缺"):
        book.from_table(table(ROW[:2], head=("单位", "姓名")), "a.xlsx")


def test_a_group_is_of_city_groups_areas_units_and_posts(toy):
    for unit, post, mail in (
        ("东区城管局", "值班室", "a"),
        ("东区城管局", "局长", "b"),
        ("西区城管局", "值班室", "c"),
        ("市环保局", "值班室", "d"),
    ):
        Contact.objects.create(unit=unit, post=post, email=f"{mail}@x.example")

    def mails(**spec) -> list[str]:
        group = Group(name="x", **spec)
        return sorted(c.email[0] for c in book.members(group))

    key = next(key for key, label in book.unit_groups() if "区" in label or "区" in key)
    assert mails(units=["东区城管局"]) == ["a", "b"]
    assert mails(units=["东区城管局"], posts=["值班室"]) == ["a"]
    assert mails(posts=["值班室"]) == ["a", "c", "d"]
    assert mails() == []
    assert set(mails(unit_groups=[key])) <= {"a", "b", "c"}


def test_the_administrator_keeps_the_book_and_sees_it_masked(admin):
    answer = admin.post(reverse("management:contacts_bring"), {"file": named(table(ROW), "a.xlsx")}, follow=True)
    text = answer.content.decode()
    assert "已导入 1 个联系人" in text
    assert "13800000000" not in text
    assert "138＊＊＊＊＊＊00" in text
    one = Contact.objects.get()
    assert "13800000000" in admin.get(reverse("management:contact", args=[one.pk])).content.decode()
    assert Audit.objects.filter(act="查看个人信息", subject=f"联系人 {one.pk}").exists()
    assert admin.get(reverse("management:contacts_take"))["Content-Type"].endswith("sheet")
    assert Audit.objects.filter(act="查看个人信息", subject="通讯录").exists()


def test_a_bad_table_is_told_cell_by_cell_on_the_page(admin):
    bad = table(("不存在局", "", "", "w@x.example", "", ""))
    answer = admin.post(reverse("management:contacts_bring"), {"file": named(bad, "a.xlsx")})
    assert answer.status_code == 422
    assert "A2（单位）" in answer.content.decode()


def test_a_contact_is_made_changed_and_deleted(admin):
    answer = admin.post(reverse("management:contact_new"), {"unit": "东区城管局", "mobile": "1"})
    assert answer.status_code == 422
    admin.post(reverse("management:contact_new"), {"unit": "东区城管局", "mobile": "13800000000"})
    one = Contact.objects.get()
    admin.post(reverse("management:contact", args=[one.pk]), {"unit": "东区城管局", "email": "n@x.example"})
    assert Contact.objects.get().email == "n@x.example"
    admin.post(reverse("management:contact", args=[one.pk]), {"do": "delete"})
    assert not Contact.objects.exists()


def test_others_do_not_enter_the_book(signed_in, account, toy):
    clerk = signed_in(account("ban", "东区城管局", "承办人"))
    assert clerk.get(reverse("management:contacts")).status_code == 403
    assert clerk.get(reverse("sending:groups")).status_code == 403


def test_a_group_is_kept_by_the_duty_desk(signed_in, account, toy):
    desk = signed_in(account("zhi", "甲市热线中心", "值班员"))
    assert desk.post(reverse("sending:groups"), {"name": "值班", "units": "没有的局"}).status_code == 422
    assert desk.post(reverse("sending:groups"), {"name": "值班"}).status_code == 422
    assert desk.post(reverse("sending:groups"), {"name": "值班", "units": "东区城管局"}).status_code == 302
    assert desk.post(reverse("sending:groups"), {"name": "值班", "units": "东区城管局"}).status_code == 422
    group = Group.objects.get()
    assert desk.get(reverse("sending:group", args=[group.pk])).status_code == 200
    desk.post(reverse("sending:group", args=[group.pk]), {"do": "delete"})
    assert not Group.objects.exists()


def named(data: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file
