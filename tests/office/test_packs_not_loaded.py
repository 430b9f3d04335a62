"""A pack that does not compile breaks nothing else: every page answers, cases on it go on, and who can mend it is told."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from urllib.parse import urljoin

import pytest
from tests.office.hotline.conftest import CALL, OFFICE
from tests.office.library.conftest import GAZETTE
from tests.office.test_crawl import LINK, reach

from gongbao.office import worlds
from gongbao.office.cases.models import Case, CaseTask
from gongbao.office.demo import filled
from gongbao.office.tasks import LOG, book
from gongbao.policy import loader

pytestmark = pytest.mark.django_db(transaction=True)

HOTLINE, POLLUTION, CREDIT = "langfang/hotline-110", "langfang/heavy-pollution", "langfang/enterprise-credit"


def not_yaml(folder: Path) -> None:
    (folder / "decisions.yaml").write_text("grade: [", encoding="utf-8")


def no_such_name(folder: Path) -> None:
    with (folder / "decisions.yaml").open("a", encoding="utf-8") as file:
        file.write("odd: {label: 怪, cite: 一, output: {odd: {type: number}}, value: {odd: no_such_fact + 1}}\n")


def formula_cut_off(folder: Path) -> None:
    with (folder / "decisions.yaml").open("a", encoding="utf-8") as file:
        file.write("odd: {label: 怪, cite: 一, output: {odd: {type: number}}, value: {odd: no_such_fact + }}\n")


def no_register_file(folder: Path) -> None:
    next((folder / "registers").glob("*.csv")).unlink()


def second_version_unreadable(folder: Path) -> None:
    later = folder.with_name(f"{folder.name}@later")
    shutil.copytree(folder, later)
    (later / "document.yaml").write_text("number: [", encoding="utf-8")


def city_unreadable(folder: Path) -> None:
    (folder.parent / "units.yaml").write_text("units: [", encoding="utf-8")


def links(client, address: str) -> set[str]:
    """What a page of the library links to; nothing where the page is not there."""
    answer = client.get(address)
    if answer.status_code != 200:
        return set()
    return {urljoin(address, to) for to in LINK.findall(answer.content.decode()) if "/library/" in urljoin(address, to)}


@pytest.fixture
def packs(settings, tmp_path, office_clock) -> Path:
    """Three packs in a folder of their own, a gazette; the day is one on which all three are in force."""
    root = tmp_path / "packs"
    for pack in (HOTLINE, POLLUTION, CREDIT):
        shutil.copytree(loader.packs_root() / pack, root / pack)
    shutil.copy(loader.packs_root() / "langfang/units.yaml", root / "langfang")
    settings.GONGBAO_PACKS = root
    settings.GONGBAO_GAZETTES = str(tmp_path / "loaded")
    Path(settings.GONGBAO_GAZETTES).mkdir()
    (Path(settings.GONGBAO_GAZETTES) / "甲市公报.txt").write_text(GAZETTE, encoding="utf-8")
    worlds.forget()
    office_clock.moment = office_clock.moment.replace(year=2023, month=2, day=15)
    return root


@pytest.fixture
def busy(packs, account, signed_in, office_clock) -> None:
    """A call and a warning, opened while everything was whole."""
    taker = signed_in(account("hua", OFFICE, "话务员"))
    assert taker.post("/hotline/take/", {**CALL, "do": "dispatch"}).status_code == 302
    duty = signed_in(account("zhi", "市应急响应办公室", "值班员"))
    lines = [f"{office_clock.moment.date() + dt.timedelta(days=n)}\t{v}\t{m}"
             for n, (v, m) in enumerate([(180, "监测"), (250, "预报"), (310, "预报"), (250, "预报")])]  # fmt: skip
    assert book.catch_up() > 0
    answer = duty.post("/alerts/new/", {"pack": POLLUTION, "way": "paste", "do": "open", "series": "\n".join(lines),
                                        "f-warning_source": "本市"})  # fmt: skip
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("pack", "fault"),
    [(HOTLINE, not_yaml), (HOTLINE, no_register_file), (POLLUTION, formula_cut_off), (CREDIT, not_yaml),
     (CREDIT, no_such_name), (CREDIT, second_version_unreadable), (POLLUTION, city_unreadable)],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)  # fmt: skip
def test_every_page_an_administrator_reaches_answers(busy, packs, account, signed_in, pack, fault) -> None:
    fault(packs / pack)
    worlds.forget()
    client = signed_in(account("guan", OFFICE, "管理员", "监管人员", "话务员"))
    pages, wrong = reach(client, per_kind=2)
    assert wrong == []
    assert len(pages) > 20, sorted(pages)
    wrong = [a for a in links(client, f"/library/pack/{pack}/") if client.get(a, follow=True).status_code != 200]
    assert wrong == []
    for case in Case.objects.exclude(procedure=LOG):
        assert client.get(f"/case/{case.number}/").status_code == 200, case.number
    for address in ("/", "/management/", "/management/packs/", "/library/"):
        shown = client.get(address).content.decode()
        for name in worlds.not_loaded():
            assert f"政策包 {name} 没有载入" in shown or (address.endswith("packs/") and "没有载入" in shown), address
    assert client.post(f"/management/packs/{pack}/check/").status_code == 302


@pytest.fixture
def one_broken(packs) -> Path:
    not_yaml(packs / CREDIT)
    worlds.forget()
    return packs / CREDIT


def test_the_others_are_loaded_and_the_broken_one_says_why(one_broken) -> None:
    assert [world.pack for world in worlds.loaded()] == [POLLUTION, HOTLINE]
    assert list(worlds.not_loaded()) == [CREDIT]
    assert worlds.not_loaded()[CREDIT].startswith("decisions.yaml:")
    assert (worlds.is_loaded(CREDIT), worlds.is_loaded(HOTLINE), worlds.is_loaded("langfang/x")) == (False, True, False)
    assert filled.fill() > 0


def test_a_failed_compile_is_remembered_for_a_moment_and_mended_files_are_taken_up(
    one_broken, packs, monkeypatch
) -> None:
    tried: list[Path] = []
    load = loader.load_folder
    monkeypatch.setattr(loader, "load_folder", lambda folder: (tried.append(folder), load(folder))[1])
    moment = [1000.0]
    monkeypatch.setattr(worlds.time, "monotonic", lambda: moment[0])
    for _ in range(5):
        worlds.not_loaded()
    assert tried.count(one_broken) == 1
    shutil.copy(loader.packs_root() / CREDIT / "decisions.yaml", one_broken / "decisions.yaml")
    assert list(worlds.not_loaded()) == [CREDIT]
    moment[0] += worlds._CHECK_SECONDS
    assert worlds.not_loaded() == {}
    assert worlds.is_loaded(CREDIT)


def test_a_room_whose_pack_is_not_loaded_is_not_offered_and_says_why_when_asked_for(
    one_broken, account, signed_in
) -> None:
    client = signed_in(account("jian", "市市场监督管理局", "监管人员"))
    assert 'href="/credit/"' not in client.get("/").content.decode()
    answer = client.get("/credit/")
    assert answer.status_code == 503
    assert CREDIT in answer.content.decode()
    assert "decisions.yaml:" in answer.content.decode()


def test_a_case_on_a_pack_that_broke_goes_on_by_the_version_it_stands_on(busy, packs, account, signed_in) -> None:
    case = Case.objects.get(pack=HOTLINE, procedure="request")
    not_yaml(packs / HOTLINE)
    worlds.forget()
    world = worlds.world_of(case)
    assert world.version == case.version
    assert worlds.pack_of(case).id == HOTLINE
    with pytest.raises(loader.PackError):
        worlds.world(HOTLINE)


def test_a_unit_answers_its_standing_tasks_while_the_pack_is_broken(busy, packs, account, signed_in) -> None:
    task = CaseTask.objects.filter(case__procedure=LOG, case__pack=HOTLINE).first()
    not_yaml(packs / HOTLINE)
    worlds.forget()
    client = signed_in(account("cheng", task.unit, "承办人"))
    assert client.get(f"/tasks/{task.pk}/").status_code == 200
    book.record(task, account("cheng"), "task_received")
    task.refresh_from_db()
    assert task.status == "received"
