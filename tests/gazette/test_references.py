"""What a document refers to is resolved inside the library where nothing is left open, and kept as external otherwise."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gongbao.gazette.clauses import resolve
from gongbao.gazette.documents import Document, number_key
from gongbao.gazette.library import read_gazette
from gongbao.gazette.references import Reference, link_names, linked, references

from .shared import library, needs_seeds

Row = dict[str, str]


def table(name: str) -> list[Row]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def document_at(seed: str, first: int) -> Document:
    """The document of a seed that begins at or up to three lines after a line (the table gives the spec's lines)."""
    gazette = next(g for g in library().gazettes if g.name.startswith(seed))
    return next(d for d in gazette.documents if first <= d.first <= first + 3)


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def names(reference: Reference, named: str) -> bool:
    if "〔" in named:
        return bool(reference.act.number) and number_key(reference.act.number).endswith(number_key(named))
    return letters(named) in letters(reference.act.title) or reference.by == "near"


RELATIONS = table("relations.csv")


def test_at_least_forty_relations_were_read_by_hand() -> None:
    assert len(RELATIONS) >= 40


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("row", RELATIONS, ids=lambda r: f"{r['seed']}-{r['line']}-{r['named']}")
def test_relation(row: Row) -> None:
    line = int(row["line"])
    here = [
        r for r in references(library().documents).found
        if r.source.gazette.startswith(row["seed"]) and abs(r.line - line) <= (2 if "附件" in r.locator else 0)
        and names(r, row["named"])
    ]  # fmt: skip
    assert {r.relation for r in here} == {row["relation"]}
    held = document_at(row["held"][:3], int(row["held"][4:])) if row["held"] else None
    assert {id(r.target) if r.target else None for r in here} == {id(held) if held else None}


@needs_seeds
@pytest.mark.seeds
def test_every_reference_stands_in_a_clause_that_resolves_and_on_a_line_of_its_document() -> None:
    for reference in references(library().documents).found:
        assert reference.source.first <= reference.line
        if reference.locator:
            assert resolve(reference.source, reference.locator).locator == reference.locator


@needs_seeds
@pytest.mark.seeds
def test_the_clean_up_of_2017_gives_one_reference_for_each_row_of_its_lists() -> None:
    held = references(library().documents).of(library().document("廊政字〔2017〕41号"))
    listed = [r.relation for r in held if r.locator.startswith("附件") and r.locator[2] in "1234"]
    counted = {relation: listed.count(relation) for relation in ("keeps", "repeals", "lapses", "amends")}
    assert counted == {"keeps": 172, "repeals": 2, "lapses": 26, "amends": 2}


# ------------------------------------------------------------------------------------------------ gazettes made here

OLD = "示例市人民政府\n关于印发长椅办法的通知\n示政字〔2020〕3号\n各区人民政府：\n现印发给你们。\n示例市人民政府\n2020年5月6日\n长椅办法\n第一条　擦长椅。\n"


def cited(sentence: str, *, number: str = "示政字〔2023〕9号", day: str = "2023年1月19日") -> tuple[Reference, ...]:
    new = f"示例市人民政府\n关于花箱的通知\n{number}\n各区人民政府：\n第一条　{sentence}\n示例市人民政府\n{day}\n"
    documents = (*read_gazette(OLD.encode(), "甲").documents, *read_gazette(new.encode(), "乙").documents)
    return references(documents).of(documents[1])


@pytest.mark.parametrize(
    ("sentence", "relation", "held", "by"),
    [
        ("根据《长椅办法》（示政字〔2020〕3号）制定。", "based_on", True, "number"),
        ("根据《长椅办法》制定。", "based_on", True, "title"),
        ("根据《示例市人民政府关于印发长椅办法的通知》制定。", "based_on", True, "title"),
        ("根据《另市人民政府关于印发长椅办法的通知》制定。", "based_on", False, "none"),
        ("根据《长椅办法》（示政字〔2019〕3号）制定。", "based_on", False, "none"),
        ("按照示政字〔2020〕3号要求办理。", "based_on", True, "number"),
        ("为贯彻落实《长椅办法》精神，擦花箱。", "implements", True, "title"),
        ("《长椅办法》（示政字〔2020〕3号）同时废止。", "repeals", True, "number"),
        ("2020年5月6日印发的《长椅办法》同时作废。", "repeals", True, "title"),
        ("2019年5月6日印发的《长椅办法》同时作废。", "repeals", False, "none"),
        ("将《长椅办法》第一条修改为“擦两遍”。", "amends", True, "title"),
        ("各区要将市政府《长椅办法》作为擦洗的基本依据。", "based_on", True, "title"),
        ("以《长椅办法》为指导，擦花箱。", "based_on", True, "title"),
        ("认真抓好《长椅办法》的落实。", "implements", True, "title"),
        ("按照市政府印发的《长椅办法》擦花箱。", "based_on", True, "title"),
        ("将《长椅办法》转发给你们。", "forwards", True, "title"),
        ("按照《河长办法》要求，印发了《长椅办法》。", "mentions", True, "title"),
    ],
)
def test_a_sentence_says_what_it_does_with_a_document(sentence: str, relation: str, held: bool, by: str) -> None:
    found = cited(sentence)[-1]
    assert (found.relation, found.target is not None, found.by) == (relation, held, by)


def test_a_document_is_not_what_an_earlier_one_refers_to() -> None:
    assert cited("根据《长椅办法》制定。", day="2020年5月5日")[0].target is None
    assert cited("根据《长椅办法》制定。", day="2020年5月6日")[0].target is not None


def test_a_short_name_means_what_it_was_introduced_for() -> None:
    first, second = cited("根据《甲市园林条例》（以下简称《条例》）制定。按照《条例》擦花箱。")
    assert (first.act, second.by) == (second.act, "short")


def test_forms_and_newspapers_are_no_documents() -> None:
    assert cited("填写《申请表》，取得《许可证》，登在《日报》上。") == ()


def test_one_act_named_by_number_and_by_title_is_one() -> None:
    first, second = cited("根据《甲市园林条例》（甲令〔2019〕2号）制定。依照《甲市园林条例》处罚。")
    assert first.act is second.act


def test_a_bare_number_that_two_documents_have_is_no_link() -> None:
    sentence = "按照《甲市长椅规定》（〔2016〕13号）和《甲市花箱规定》（〔2016〕13号）办理。"
    names = link_names(cited(sentence))
    assert [x.act.title for x in linked(sentence, names)] == ["甲市长椅规定", "甲市花箱规定"]
    assert linked("见〔2016〕13号。", names) == ()


def test_links_stand_where_the_words_name_a_document() -> None:
    sentence = "按照《长椅办法》（示政字〔2020〕3号）和《许可证》擦花箱。"
    (link,) = linked(sentence, link_names(cited(sentence)))
    assert sentence[link.start : link.end] == "《长椅办法》（示政字〔2020〕3号）"
