"""What each clause of a document orders: who must do it, by when, within what time, how much.

One pass over the tree in printed order, so that a general line (以下各项均包含……不再列出) reaches the items below it
and 综合组主要履行下列职责： gives its subject to the items it opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses
from gongbao.gazette.dates import Dated, dates, taken
from gongbao.gazette.documents import Document
from gongbao.gazette.limits import Limit, limits
from gongbao.gazette.plain import plain, sentences, split_outside
from gongbao.gazette.quantities import Quantity, quantities, unit_of_label
from gongbao.gazette.responsible import (
    SUFFIX,
    Responsible,
    Role,
    bracketed,
    cell,
    general_line,
    is_unit,
    responsible,
    units,
)

_SILENT_PARTS = ("题注", "通知", "落款", "附件目录", "解读")
_NO_ORDERS = re.compile(
    r"指导思想|基本原则|工作原则|编制原则|总体目标|发展目标|工作目标|主要目标|奋斗目标|目标任务|主要指标|规划背景|发展基础|现状|形势|"
    r"成效|机遇|挑战|编制目的|编制依据|适用范围|事件分级|分级标准|事故分级|名词解释|名词术语"
)
_DECLARES = re.compile(
    r"制定本|所称|是指|适用(?:于)?本|本\w{2,4}适用|分为|之日起(?:施行|实施|执行|生效)|起施行|负责解释|同时废止|有效期|从其规定|"
    r"有下列情形|符合下列|符合以下|下列条件|以下条件|不予(?:批准|受理)|情形之一"
)
_MUST = re.compile(
    r"(?<![响相对效反供适回感呼报])应当?(?!急|用|对|税|届|收|付|有(?:的|尽))|(?<![重主需必首简])要(?!素|求|点|件|约|闻|紧|害|塞|道|员)|(?<!无|所|急|军|内)(?:必?须)|务必|(?<!人)负责(?!人|制|同志|任)|不得|严禁|禁止"
)
_VERBS = (
    "重点|加强|推进|推动|推行|推广|建立|建设|完善|健全|开展|实施|落实|强化|加快|优化|鼓励|支持|引导|提升|提高|加大|深入|积极|持续|全面|严格|"
    "规范|做好|抓好|组织|制定|编制|创新|探索|发挥|构建|打造|培育|发展|扩大|丰富|统筹|促进|深化|保障|营造|利用|严厉|大力|进一步|"
    "突出|坚决|坚持|稳妥|稳步|有序|充分|切实|认真|广泛|定期|逐步|着力|聚焦|严肃|科学|合理|普及|拓展|"
    "召开|成立|设立|完成|确保|整合|聘请|提交|报送|填写|配合|督促|指导|宣传|号召|采取|启动|调整|实行|对照|明确|细化|改善|增强|"
    "巩固|搞好|注重|动员|协调|研究|编写|收集|查明|形成|制订|负责|协助|承担|参与|监督|检查|公布|公开|执行|筹备|总结|限制|"
    "保护|控制|减少|防止|防范|扶持|吸引|引进|培养|举办|提供|设置|配备|安排|夯实|压实|维护|畅通|简化|压缩|取消|清理|开放|放宽"
)
_FRAMES = "围绕|依托|按照|通过|依法|依据|根据|结合|运用|以(?!上|下|及|习)|对(?!外|于)|将(?!来)|在(?!岗)|向|由|把"
_IMPERATIVE = re.compile(rf"(?:要|应|[一二三四五六]是|同时|特别是|\w{{2,4}}地)?(?:{_VERBS}|{_FRAMES})")
_COMMAND = re.compile(rf"(?:要|应|[一二三四五六]是|同时|特别是|\w{{2,4}}地)?(?:{_VERBS})")
_COMMANDS = re.compile(_VERBS)
_ACTS = re.compile(
    r"作出|签署|报送|报告|上报|备案|告知|通知|公示|公布|审查|审核|审批|审定|核查|初审|提交|提请|提出|组织|召集|申请|受理|答复|反馈|"
    r"验收|移交|归档|核发|出具|办理|处理|查处|监督|确定|发布|论证|征集|填报|会同|管理|批复|评估|检查|推荐|对接|邀请|拟定|担任|收回|征求|完成|抄送|制定|建立"
)
_BY_ACTS = (
    r"(?:负责|牵头|组织|承担|指定|审|确定|统一|会同|作出|提出|实施|办理|制作|发布|编制|填报|指导|批准|核定|协调|报|向)"
)
_LIST_OPENS = re.compile(
    r"(?P<who>[^，。；]{2,24}?)(?:的)?(?:应当|应|要|须|主要)?(?:履行|承担|负责|行使)?(?:下列|以下|如下)?(?:主要)?(?:工作)?职责(?:是|如下|为|包括)?：$"
)
_GOAL = re.compile(r"^(?:“?十[二三四五]五”?期?末|到\d{4}年|至\d{4}年|\d{4}年底?，)")
_ROLE_COLUMNS: tuple[tuple[str, Role], ...] = (
    ("牵头", "lead"), ("主办", "lead"), ("配合", "with"), ("协办", "with"), ("参加", "with"), ("参与", "with"),
    ("责任单位", "owner"), ("责任部门", "owner"), ("责任主体", "owner"), ("承办单位", "owner"), ("落实单位", "owner"),
    ("实施单位", "owner"), ("完成单位", "owner"), ("负责单位", "owner"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody must do something. `lead` is empty where the clause does not say who."""

    lead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duties:
    """What was read out of one clause's own words."""

    clause: Clause
    units: tuple[Responsible, ...]
    dates: tuple[Dated, ...]
    limits: tuple[Limit, ...]
    quantities: tuple[Quantity, ...]
    task: Task | None

    def __bool__(self) -> bool:
        return bool(self.units or self.dates or self.limits or self.quantities or self.task)


def duties(document: Document) -> tuple[Duties, ...]:
    """Every clause of a document that has words, in printed order; what orders nothing is there with nothing in it."""
    return tuple(_walk(document, clauses(document)))


def _walk(document: Document, root: Clause) -> Iterator[Duties]:
    for part in root.children:
        if part.kind in _SILENT_PARTS or part.locator.split("#")[0].split(" ")[0] in _SILENT_PARTS:
            continue
        inherited: tuple[Responsible, ...] = ()
        for clause, above in _with_ancestors(part, ()):
            if not clause.text:
                continue
            here = general_line(clause.text)
            inherited = here or inherited
            yield _read(document, clause, above, inherited)


def _with_ancestors(clause: Clause, above: tuple[Clause, ...]) -> Iterator[tuple[Clause, tuple[Clause, ...]]]:
    yield clause, above
    for child in clause.children:
        yield from _with_ancestors(child, (*above, clause))


def _read(document: Document, clause: Clause, above: tuple[Clause, ...], inherited: tuple[Responsible, ...]) -> Duties:
    if clause.row is not None:
        return _read_row(document, clause)
    text = clause.text
    when = dates(text, document.dated)
    spans = (*taken(text), *((d.start, d.end) for d in when))
    within = limits(text, spans)
    amounts = quantities(text, (*spans, *((x.start, x.end) for x in within)))
    given = bracketed(text)
    named = responsible(text)
    if given and inherited:
        named = tuple(dict.fromkeys((*named, *inherited)))
        own = {(r.role, r.unit) for r in named if not r.inherited}
        named = tuple(r for r in named if not r.inherited or (r.role, r.unit) not in own)
    return Duties(clause, named, when, within, amounts, _task(clause, above, given, bool(when)))


def _read_row(document: Document, clause: Clause) -> Duties:
    row = clause.row
    assert row is not None
    unit = next((u for c in row.cells if (u := unit_of_label(c))), "")
    when: list[Dated] = []
    within: list[Limit] = []
    amounts: list[Quantity] = []
    named: list[Responsible] = []
    columns = row.columns if len(row.columns) == len(row.cells) else ("",) * len(row.cells)
    for at, (column, printed) in enumerate(zip(columns, row.cells, strict=True)):
        role = next((r for word, r in _ROLE_COLUMNS if word in column), None)
        if role:
            named += cell(role, printed)
            continue
        if (at == 0 and re.fullmatch(r"\d{1,4}[.、]?", printed)) or column in ("序号", "编号", "页码"):
            continue
        label = re.sub(r"^\d{1,3}[.、](?!\s*\d)", "", printed)
        label = (
            label
            if label != printed
            else re.sub(r"^\d{1,3}(?=\s?[^\d\s.%％‰])(?!\s?(?:[个项次家户人年月日岁万亿]))", "", printed)
        )
        found = dates(label, document.dated)
        spans = (*taken(label), *((d.start, d.end) for d in found))
        durations = limits(label, spans)
        when += found
        within += durations
        amounts += quantities(label, (*spans, *((x.start, x.end) for x in durations)), unit)
        named += bracketed(label)
    units_ = tuple(dict.fromkeys(named))
    return Duties(clause, units_, tuple(when), tuple(within), tuple(amounts), _assigned_task(units_))


def _assigned_task(given: tuple[Responsible, ...]) -> Task | None:
    if not given:
        return None
    leads = tuple(r.unit for r in given if r.role == "lead")
    return Task(leads or tuple(r.unit for r in given if r.role != "with") or tuple(r.unit for r in given))


def _task(clause: Clause, above: tuple[Clause, ...], given: tuple[Responsible, ...], is_dated: bool) -> Task | None:
    if given:
        return _assigned_task(given)
    headings = [c.heading for c in (*above, clause)]
    if any(_NO_ORDERS.search(heading) for heading in headings if heading):
        return None
    opened = _LIST_OPENS.search(plain(above[-1].text)) if above and above[-1].text else None
    body = plain(clause.text)
    heading = plain(clause.heading)
    if heading and re.match(re.escape(heading) + r"[。\n]", body) and not re.search(r"\d", heading):
        body = body[len(heading) + 1 :]
    if not clause.paragraphs or not _closed(body):
        return None
    for sentence in sentences(body):
        if not _orders(sentence, is_dated, opened is not None):
            continue
        who = _subject(sentence)
        if not who and opened and is_unit(opened["who"]):
            who = (opened["who"],)
        return Task(who)
    return None


def _closed(body: str) -> bool:
    """A heading alone orders nothing; a sentence does."""
    return len(body) > 8 and bool(re.search(r"[。；，：]", body) or _MUST.search(body))


def _orders(sentence: str, is_dated: bool, listed: bool) -> bool:
    if _DECLARES.search(sentence) or _GOAL.match(sentence) or sentence.endswith(("的", "情形", "：")):
        return False
    if _MUST.search(sentence) or re.search(rf"由[^，]{{2,20}}?{_BY_ACTS}", sentence):
        return True
    if listed or _IMPERATIVE.match(sentence):
        return True
    if is_dated and re.search(r"前.*(?:报|送|交|反馈|备案|完成|提供)", sentence):
        return True
    return bool(_subject(sentence) and (_ACTS.search(sentence) or _COMMANDS.search(sentence)))


_RUNS_ON = re.compile(rf"[的、和及与或等长员人（主]|{SUFFIX.pattern}|政府|内|间|周边|建设")


def _subject(sentence: str) -> tuple[str, ...]:
    """Who a sentence tells to do it: the unit that opens one of its parts, or the one after 由."""
    by = re.search(rf"由(?P<who>[^，。；由]{{2,40}}?)(?:具体)?{_BY_ACTS}", sentence)
    pieces = split_outside(re.sub(r"^注：\d?[.、]?", "", sentence), "，")
    for at, piece in enumerate(pieces[:5]):
        if by and by["who"] in piece:
            names = tuple(units(_identifying(by["who"])))
            if names and all(is_unit(name) for name in names):
                return names
        if names := _opening(piece, last=at == len(pieces) - 1):
            return names
        if not re.search(r"(?:[后的时前中外上下内]|情况|情形)$", piece) and (
            _COMMAND.match(piece) or _MUST.search(piece)
        ):
            return ()
    return ()


def _opening(piece: str, *, last: bool) -> tuple[str, ...]:
    """The unit or list of units that a part of a sentence begins with; a part that is nothing else counts but at the end."""
    piece = re.sub(r"^(?:同时|其中|此外|另外|原则上|必要时)", "", piece)
    if _IMPERATIVE.match(piece):
        return ()
    ends = {m.end() for m in SUFFIX.finditer(piece)}
    ends |= {m.end() for m in re.finditer(r"）(?=要|应|须|在|按|负责|$)", piece)}
    for end in sorted(ends):
        if _RUNS_ON.match(piece, end) or (end == len(piece) and last):
            continue
        names = units(_identifying(piece[:end]))
        if names and all(is_unit(name) for name in names):
            return tuple(names)
    return ()


def _identifying(text: str) -> str:
    """经批准用地建房的申请人 is 申请人; 负责调查的地方政府 needs its attribute."""
    head, mark, tail = text.rpartition("的")
    if not mark or "、" in head or (head.startswith("负责") and len(head) <= 10):
        return text
    return tail
