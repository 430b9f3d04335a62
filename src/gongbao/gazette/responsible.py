"""Who an item names as responsible, and in which role: （市教育局牵头，市财政局、市人社局按职责分工负责）.

Roles: lead 牵头, with 配合 and 会同, share 按职责分工负责, owner any other 负责 or 责任单位. Lists are cut into units
without cutting a unit (各县（市、区）政府), and what a list says once is given to each (县财政、交通等部门).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gongbao.gazette.plain import plain, sentences, split_outside

Role = Literal["lead", "with", "share", "owner"]

_SUFFIX = (
    "政府|管委会|管理委员会|办事处|委员会|办公室|部门|机构|机关|单位|组织|中心|协会|学会|商会|联合会|总会|法院|检察院|监狱|"
    "分行|支行|银行|公司|企业|集团|学校|院校|高校|医院|支队|大队|总队|军分区|联席会议|指挥部|领导小组|工作组|调查组|评估组|专家组|"
    "工作专班|村委会|居委会|媒体|平台|园区|开发区|高新区|新区|管理区|经济区|城区|"
    "局(?!长|面|部)|委(?!员|托|派)|办(?!理|法|学|好|事|公|结|案|件|前|中)|厅|部(?!门|分|署|委|队|位)|院(?!校|士|长)|校(?!园|企|长)|"
    "队(?!伍|员|长)|组(?!织|成|建|长|团)|联(?!合|系|动|网|席|防|审|体)|会(?!议|同|计|员|办|后|场|商|诊)|处(?!理|置|罚|于|方)|社(?!会|区)|"
    "站(?!点|位|台)|所(?!有|在|需|属|以|得|称|列|做)|馆|方(?!式|案|便|面|法|向|可|针|能)|街道|乡镇|各地|者|"
    "人(?!员|民|才|口|大|数|均|社|工|群|力|次|身|类|体|物|文|选|家|为|力)|户(?!籍|外|数)|小组长|党校"
)
SUFFIX = re.compile(_SUFFIX)
_ENDS = re.compile(rf"(?:{_SUFFIX})(?:（[^（）]{{1,16}}）)?$")
_PLACE = re.compile(
    r"(?:各?(?:县|市|区|乡|镇)（[^）]+）|.{2,10}(?:开发区|高新区|新区|管理区|经济区|城区|[县市区])|各地)(?:（[^（）]+）)?$"
)
_NOT_A_UNIT = re.compile(
    r"[，。；：《》“”?\d]|应(?!急|用|对)|(?<!重|需)要(?!素)|(?:负责|牵头|配合|建立|开展|加强|完善|落实|推进|制定|提高|做好|进行|实施|通过|按照|"
    r"根据|结合|符合|属于|不得|必须|可以|以及其他|为(?:主|了)|我市|之一|将|把|被|已|并|且|从|与其他|是否)|^(?:在|对|对于|因|如|经|当|以|于|其|此|本次)"
    r"|责任人$|负责人$|领导人$|带头人$|(?:一|二|两|三)方$|部分$|全部$|内部$|社会$|机会$|大会$|会$(?<=[年此]会)|工会会员|专人|纳入|举办|对(?!外|口|台)|"
    r"^(?:支持|鼓励|引导|规范|禁止|停止|统一|推动|督促|指导|组织(?!部)|提高|提升|扩大|丰富|突出|重视|动员|协调|发挥|坚持|强化)"
)  # fmt: skip
_ARTICLE = re.compile(r"^(?:由|具体由|主要由|原则上由|分别由|统一由|其中|同时|具体|原则上|另外|今后)+")
_ETC = re.compile(r"等(?:有关|相关|各|多个|职能|成员|主管)*(?P<tail>部门|单位|机构)?(?:和单位|及单位)?$")

_SHARE = r"(?:依?按照?|依据|根据|在)(?:各自|其|本部门)*的?(?:工作|法定|部门|管理)?(?:职责|职能)(?:分工|范围内?|权限)?"
_ROLE_WORDS: tuple[tuple[Role, str], ...] = (
    ("lead", rf"(?:{_SHARE})?(?:分别|共同|总|联合)?牵头(?!人|领导|单位|部门)(?:负责|组织|实施|落实|推进|抓总)*"),
    ("share", _SHARE + r"(?:协同|分别|共同|组织|负责|落实|推进|配合|抓好|实施|做好|开展|承担|分工)*"),
    ("share", r"(?:分工|分别|共同|各负其责)(?:负责|落实)"),
    ("with", r"(?:积极|做好)?(?:协助|配合|参加|参与|协办|支持)(?:支持|配合|落实|实施|做好)*"),
    (
        "owner",
        r"(?:具体|主要|组织|直接|统筹)?负责(?!人|制|同志|任)(?:组织|具体|督促|指导|推进|抓好)*(?:落实|实施)?|(?:督促|组织|抓好)?落实|承担|各?供稿.*",
    ),
)
_TRAILING = [(role, re.compile(rf"^(?P<units>.*?)(?:{words})$")) for role, words in _ROLE_WORDS]
_LABELS: dict[str, Role] = {
    "牵头单位": "lead", "牵头部门": "lead", "主办单位": "lead", "牵头责任单位": "lead", "责任单位": "owner",
    "责任部门": "owner", "责任主体": "owner", "主要责任单位": "owner", "负责单位": "owner", "承办单位": "owner",
    "实施单位": "owner", "责任落实单位": "owner", "落实单位": "owner", "配合单位": "with", "配合部门": "with",
    "协办单位": "with", "参加单位": "with", "参与单位": "with", "协作单位": "with", "协同单位": "with",
}  # fmt: skip
_LABEL = re.compile(rf"^(?:工作任务)?(?P<label>{'|'.join(sorted(_LABELS, key=len, reverse=True))})(?:为|：|:)")
_TELLS = re.compile(r"牵头|负责|责任(?:单位|部门|主体)|配合|落实|参与|参加|分工|协办|主办单位|承办单位|供稿")
_GENERAL = re.compile(
    r"，?(?P<what>(?:以下|下列|下述|各项)(?:各项|各条|各条款|工作|任务|内容|措施|责任主体|责任单位|部门|的|所有|重点)*)"
    r"(?:均|都|全部)(?:还)?(?:需|须|由|涉及|包含|包括|含|有|应由|需要)(?P<units>.+?)"
    r"(?:负责落实|组织落实|落实|负责|配合|参与)?，?(?:不再(?:一一|逐一|另行|重复)?(?:列出|列|重复|标注|注明|赘述)|下同)"
)
_BRACKET = re.compile(r"（")
_QUOTED = re.compile(r"“[^”]*”|《[^》]*》")


@dataclass(frozen=True, slots=True)
class Responsible:
    """One unit in one role. `inherited`: a general line further up (以下各项均包含……不再列出) gave it."""

    role: Role
    unit: str
    inherited: bool = False


def responsible(text: str) -> tuple[Responsible, ...]:
    """The units that a text names, in printed order, each once per role."""
    line = plain(text)
    found: list[Responsible] = []
    rest = line
    for start, end in _assignments(line):
        found += _assigned(_GENERAL.sub("", line[start + 1 : end - 1]))
        rest = rest.replace(line[start:end], "，", 1)
    for sentence in sentences(rest):
        found += _labelled(sentence) or _told(sentence)
    return tuple(dict.fromkeys(found))


def bracketed(text: str) -> tuple[Responsible, ...]:
    """Only those of the closing bracket or label: the assignment of a task, as against what its sentences tell."""
    line = plain(text)
    found: list[Responsible] = []
    rest = line
    for start, end in _assignments(line):
        found += _assigned(_GENERAL.sub("", line[start + 1 : end - 1]))
        rest = rest.replace(line[start:end], "，", 1)
    for sentence in sentences(rest):
        found += _labelled(sentence)
    return tuple(dict.fromkeys(found))


def general_line(text: str) -> tuple[Responsible, ...]:
    """The units that this and the following items have without printing them again, as owners."""
    match = _GENERAL.search(plain(text))
    if not match:
        return ()
    return tuple(Responsible("owner", unit, inherited=True) for unit in units(match["units"].replace("，", "、")))


def cell(role: Role, text: str) -> tuple[Responsible, ...]:
    """The units of a table cell whose column names the role; a role printed in the cell wins."""
    line = plain(text)
    told = _assigned(line) if _TELLS.search(line) else []
    return tuple(told or (Responsible(role, unit) for unit in units(re.sub(r"[，；。\n]", "、", line))))


def units(text: str) -> list[str]:
    """A printed list of units as units: 县财政、交通等部门 gives 县财政部门 and 县交通部门."""
    text = _ARTICLE.sub("", plain(text)).strip("，、：")
    if not text:
        return []
    tail = ""
    etc = _ETC.search(text)
    if etc:
        tail = etc["tail"] or ""
        text = text[: etc.start()]
    items = _joined(split_outside(text, "、"))
    items = [part for item in items for part in _halves(item)]
    if tail and len(items) and not _ENDS.search(items[-1]):
        head = items[0][:1] if items[0][:1] in "市县省区" and not _ENDS.search(items[0]) else ""
        items = [i if _ENDS.search(i) else (i if i[:1] in "市县省各" else head + i) + tail for i in items]
    if len(items) > 1 and (shared := re.search(r"(?:相关|有关|各)(?:部门|单位)$", items[-1])):
        items = [i + shared[0] if _PLACE.match(i) and not i.endswith(shared[0]) else i for i in items]
    return [item for item in items if item]


def is_unit(name: str) -> bool:
    """Does a run of words look like an organ or a party (市财政局, 各县（市、区）政府, 申请人), and not like a sentence?"""
    return 1 < len(name) <= 26 and bool(_ENDS.search(name) or _PLACE.fullmatch(name)) and not _NOT_A_UNIT.search(name)


def _joined(items: list[str]) -> list[str]:
    """市、县两级政府 is one: a single character is no unit."""
    joined: list[str] = []
    held = ""
    for item in items:
        if len(item) == 1:
            held += item + "、"
            continue
        joined.append(held + item)
        held = ""
    return joined + ([held.strip("、")] if held else [])


def _halves(item: str) -> Iterator[str]:
    """市住建局和市财政局 are two; 市自然资源和规划局 and 委员会及其成员单位 are one."""
    for match in re.finditer(r"和|与|以及|或者?|及(?!其)", item):
        left, right = item[: match.start()], item[match.end() :]
        both = is_unit(left) and is_unit(right)
        if both or ((_ENDS.search(left) or _PLACE.match(left)) and right[:1] in "各市县省" and is_unit(right)):
            yield left
            yield from _halves(right)
            return
    yield item


def _assignments(line: str) -> list[tuple[int, int]]:
    """The brackets that hand out responsibility, outermost."""
    found = []
    depth = start = 0
    for at, character in enumerate(line):
        if character == "（":
            if depth == 0:
                start = at
            depth += 1
        elif character == "）" and depth:
            depth -= 1
            if depth == 0 and _is_assignment(line, start, at + 1):
                found.append((start, at + 1))
    return found


def _is_assignment(line: str, start: int, end: int) -> bool:
    inside = line[start + 1 : end - 1]
    if re.match(r"(?:以下简称|含|见|详见|注)", inside):
        return False
    if _TELLS.search(inside) and (_LABEL.match(inside) or len(_assigned(_GENERAL.sub("", inside)))):
        return True
    closing = end == len(line) or line[end] in "。；\n"
    listed = split_outside(inside, "、，")
    return closing and len(listed) > 1 and all(is_unit(u) and u[:1] in "市县省区各团" for u in units("、".join(listed)))


def _assigned(inside: str) -> list[Responsible]:
    found: list[Responsible] = []
    for segment in split_outside(inside, "；。"):
        role: Role | None = None
        waiting: list[str] = []
        for piece in split_outside(segment, "，"):
            labelled = _LABEL.match(piece)
            if labelled:
                found += _give(role, waiting)
                role, waiting, piece = _LABELS[labelled["label"]], [], piece[labelled.end() :]
            told = _trailing(piece)
            if told:
                waiting += units(told[1])
                found += _give(told[0], waiting)
                waiting = []
            else:
                waiting += units(piece)
        found += _give(role, waiting)
    return found


def _give(role: Role | None, names: Sequence[str]) -> list[Responsible]:
    """In a list that is an assignment every entry counts, known suffix or not: 廊坊海关, 市广播电视台."""
    return [Responsible(role, n) for n in names if 1 < len(n) <= 26 and not _NOT_A_UNIT.search(n)] if role else []


def _strict(role: Role, names: Sequence[str]) -> list[Responsible]:
    return [Responsible(role, name) for name in names if is_unit(name)]


def _trailing(piece: str) -> tuple[Role, str] | None:
    for role, pattern in _TRAILING:
        match = pattern.match(piece)
        if match and match["units"]:
            return role, match["units"]
    return None


def _labelled(sentence: str) -> list[Responsible]:
    """责任单位：市民政局、市财政局 outside brackets."""
    match = re.search(r"(?:^|[，\n])(?=" + _LABEL.pattern.removeprefix("^") + ")", sentence)
    return _assigned(sentence[match.end() :]) if match else []


_LEFT = [(role, re.compile(words)) for role, words in _ROLE_WORDS]
_WITH = re.compile(r"会同|协同|联合")


def _told(sentence: str) -> list[Responsible]:
    """Roles in running text: 由市教育局牵头, 县财政、林业等部门按照各自职责, 市民政局会同市卫健委等部门."""
    found: list[Responsible] = []
    body = _QUOTED.sub("·", sentence)
    pieces = split_outside(body, "，")
    for at, piece in enumerate(pieces):
        joint = _WITH.search(piece)
        if joint and (left := _subject(piece[: joint.start()])) and (right := _leading_units(piece[joint.end() :])):
            found += _strict("lead", left)
            found += _strict("with", right)
            continue
        main = re.match(r"(?P<who>.+?)是.*(?:责任主体|管理的?主体|第一责任人?)", piece)
        if main and (left := _subject(main["who"])):
            found += _strict("owner", left)
            continue
        drawn = re.match(r"(?P<who>.+?)(?:要|应|应当)?(?:充分|切实)?发挥好?牵头", piece)
        if drawn and (left := _subject(drawn["who"])):
            found += _strict("lead", left)
            continue
        if found and at and found[-1].role in ("lead", "with"):  # 由市发改委牵头，市财政局等参加；会同市财政局等部门
            told = _trailing(re.sub(r"等?(?=(?:共同)?(?:参加|配合|参与)$)", "", piece))
            if told and told[0] == "with" and all(is_unit(name) for name in units(told[1])):
                found += _give("with", units(told[1]))
                continue
            if piece.startswith("会同"):
                found += _give("with", _leading_units(piece[2:]))
                continue
        found += _first_role(piece)
    return found


def _first_role(piece: str) -> list[Responsible]:
    for role, pattern in _LEFT:
        for match in pattern.finditer(piece):
            if match[0].startswith(
                ("落实", "承担", "参与", "支持", "督促落实", "抓好落实", "组织落实", "供稿", "各供稿")
            ):
                continue  # in running text a verb like any other
            by = piece.rfind("由", 0, match.start())
            left = piece[by + 1 : match.start()] if by >= 0 else piece[: match.start()]
            names = _subject(left)
            if names and not (by < 0 and role == "with"):
                return _strict(role, names)
    return []


def _subject(left: str) -> list[str]:
    """The list of units that ends here, attributes before its last 的 cut off; empty if it is none."""
    left = re.sub(r"(?:要|应当|应|须|必须|具体|主要|统一|组织|全面|积极|做好)+$", "", left)
    names = units(re.sub(r"^.*的(?=.)", "", left) if "、" not in left else left)
    return names if names and all(is_unit(name) for name in names) else []


def _leading_units(text: str) -> list[str]:
    """The units at the beginning of a text: 市发展改革委、市卫健委等有关部门加强……"""
    etc = re.search(r"等(?:有关|相关|各)*(?:部门|单位)", text)
    if etc and (names := units(text[: etc.end()])) and all(is_unit(name) for name in names):
        return names
    ends = [m.end() for m in re.finditer(_SUFFIX, text)]
    for end in ends:
        if text[end : end + 1] not in ("、", "和", "与", "（", "）") and all(is_unit(n) for n in units(text[:end])):
            return units(text[:end])
    return []
