"""Writes a small gazette of an imaginary city, 示例市, in the layout that real ones have.

It stands in where a city has loaded no gazette yet, and tells tests what a reader must find: `plan` gives the documents
as data and as lines, `generate` the text. Everything in it is invented; the same seed writes the same text.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gongbao.gazette.locators import han

_TOPICS = (
    "街角花园养护", "社区书屋开放", "河边步道照明", "老树名录管理", "雨水花园建设", "公共自行车停放", "早市摊位安排",
    "屋顶绿化推广", "候车亭清洁", "夜间图书借阅", "校门口路灯巡检", "广场喷泉节水",
)  # fmt: skip
_UNITS = ("市园林局", "市文化局", "市水务局", "市城管局", "市教育局", "市交通局", "市商务局", "市数据局")
_THINGS = ("灯杆", "长椅", "花箱", "井盖", "书架", "指示牌", "树穴", "水阀", "车棚", "遮阳亭")
_ACTS = ("清点", "更换", "擦洗", "登记", "编号", "加固", "试运行", "验收")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"
_WIDE = "\u3000"


@dataclass(frozen=True, slots=True)
class Draft:
    """A planned document: what a reader must find in it. `clauses` pairs locators with the words of that clause."""

    number: str | None
    heading: str
    title: str
    issuer: str
    dated: date
    clauses: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    lines: tuple[str, ...]


def generate(seed: int, documents: int = 6) -> str:
    """The text of a gazette with that many documents, ending in a line feed."""
    lines: list[str] = []
    for draft in plan(seed, documents):
        lines.extend(draft.lines)
        lines.append("")
    return "\n".join(lines) + "\n"


def plan(seed: int, documents: int = 6) -> tuple[Draft, ...]:
    """The documents that `generate` prints for this seed."""
    if documents < 1:
        raise ValueError(f"公报至少有一份文件，给出的是{documents}。")
    chance = random.Random(seed)
    year = chance.randint(2019, 2024)
    day = date(year, 1, 3)
    drafts = []
    for position in range(documents):
        day = min(day + timedelta(days=chance.randint(1, 12)), date(year, 12, 30))
        drafts.append(_Writer(chance, position + 1, day).write())
    return tuple(drafts)


class _Writer:
    """Writes one document and notes what it wrote."""

    def __init__(self, chance: random.Random, no: int, day: date) -> None:
        self.chance = chance
        self.no = no
        self.day = day
        self.lines: list[str] = []
        self.clauses: list[tuple[str, str]] = []
        self.tables: list[tuple[str, tuple[tuple[str, ...], ...]]] = []
        office = chance.random() < 0.6
        self.issuer = "示例市人民政府办公室" if office else "示例市人民政府"
        self.number = None if chance.random() < 0.15 else f"示政{'办' if office else ''}字〔{day.year}〕{no}号"

    def write(self) -> Draft:
        kind = self.chance.choice(("方案", "办法", "意见"))
        topic = self.chance.choice(_TOPICS)
        if kind == "意见":
            heading = title = f"关于做好{topic}工作的意见"
        else:
            title = f"示例市{topic}{kind}"
            heading = f"关于印发{title}的通知"
        annexes = self.chance.randint(0, 2)
        self._head(heading)
        if kind != "意见":
            self._say(f"现将《{title}》发给你们，请对照办理。")
            self._sign()
            self._title(title)
        self._say(f"为办好{topic}这件小事，示例市编写本文，供演示和测试之用。")
        if kind == "办法":
            self._articles()
        else:
            self._sections()
        titles = [f"{topic}{name}" for name in ("器材清单", "分工清单")[:annexes]]
        self._list(titles)
        if kind == "意见":
            self._sign()
        for position, annex in enumerate(titles, 1):
            label = f"附件{position}" if annexes > 1 else "附件"
            if annex.endswith("器材清单"):
                self._flat_table(label, annex)
            else:
                self._grouped_table(label, annex)
        if self.chance.random() < 0.4:
            self._say(f"《{title}》政策解读")
            self._say("一、为什么编写")
            self._say(f"本段由程序写成，说明{topic}的来由。")
        return Draft(
            self.number,
            heading,
            title,
            self.issuer,
            self.day,
            tuple(self.clauses),
            tuple(self.tables),
            tuple(self.lines),
        )

    def _say(self, line: str) -> None:
        self.lines.append(line)
        if self.chance.random() < 0.8:
            self.lines.append("")

    def _head(self, heading: str) -> None:
        self._say(self.issuer)
        ending = "通知" if heading.endswith("通知") else "意见"
        if self.chance.random() < 0.5:
            self._broken(heading.removesuffix(ending))
            self._say(f"{ending[0]}{_WIDE * 2}{ending[1]}")
        else:
            self._broken(heading)
        if self.number:
            self._say(self.number)
        self._say("各示例区人民政府，市政府各部门：")

    def _broken(self, title: str) -> None:
        """Long titles are broken over lines, as print does for looks."""
        if len(title) > 20:
            cut = self.chance.randint(10, len(title) - 6)
            self._say(title[:cut])
            self._say(title[cut:])
        else:
            self._say(title)

    def _title(self, title: str) -> None:
        self._broken(title)

    def _sign(self) -> None:
        self._say(self.issuer + " " * self.chance.randint(0, 9))
        self._say(f"{self.day.year}年{self.day.month}月{self.day.day}日{_WIDE * self.chance.choice((0, 4))}")
        self._say("（此件公开发布）")

    def _sentence(self) -> str:
        pick = self.chance.choice
        number = self.chance.randint(2, 180)
        return pick(
            (
                f"{pick(_UNITS)}每{self.chance.randint(2, 9)}天{pick(_ACTS)}一次{pick(_THINGS)}。",
                f"{pick(_THINGS)}缺损的，{pick(_UNITS)}自知道之日起{number}个工作日内{pick(_ACTS)}。",
                f"{pick(_THINGS)}的{pick(_ACTS)}率不低于{self.chance.randint(50, 99)}%，由{pick(_UNITS)}核对。",
                f"单件{pick(_THINGS)}的费用不超过{number}万元，超过的由{pick(_UNITS)}说明。",
                f"参加{pick(_ACTS)}的人数达到三分之二时，{pick(_UNITS)}可以收工。",
            )
        )

    def _clause(self, locator: str, label: str, heading: str | None = None) -> None:
        body = self._sentence()
        if heading and self.chance.random() < 0.5:
            self._say(f"{label}{heading}")
            self._say(body)
            self.clauses.append((locator, f"{heading}\n{body}"))
        elif heading:
            self._say(f"{label}{heading}。{body}")
            self.clauses.append((locator, f"{heading}。{body}"))
        else:
            self._say(f"{label}{body}")
            self.clauses.append((locator, body))
        if self.chance.random() < 0.2:
            more = self._sentence()
            self._say(more)
            place, words = self.clauses[-1]
            self.clauses[-1] = (place, f"{words}\n{more}")

    def _heading(self) -> str:
        pick = self.chance.choice
        return f"{pick(('做好', '组织', '规范', '改进'))}{pick(_THINGS)}{pick(_ACTS)}"

    def _sections(self) -> None:
        for one in range(1, self.chance.randint(2, 4) + 1):
            heading = self._heading()
            self._say(f"{han(one)}、{heading}")
            self.clauses.append((han(one), heading))
            for two in range(1, self.chance.randint(0, 3) + 1):
                place = f"{han(one)}（{han(two)}）"
                self._clause(place, f"（{han(two)}）", self._heading())
                for three in range(1, self.chance.choice((0, 0, 2, 3)) + 1):
                    self._clause(f"{place}{three}", f"{three}.{self.chance.choice(('', ' '))}")
                    if self.chance.random() < 0.2:
                        self._clause(f"{place}{three}（1）", "（1）")
                        self._clause(f"{place}{three}（1）①", _CIRCLED[0])
                        self._clause(f"{place}{three}（1）②", _CIRCLED[1])

    def _articles(self) -> None:
        article = 0
        for chapter in range(1, self.chance.randint(2, 3) + 1):
            heading = self._heading()
            self._say(f"第{han(chapter)}章{_WIDE}{heading}")
            self.clauses.append((f"第{han(chapter)}章", heading))
            for _ in range(self.chance.randint(1, 5)):
                article += 1
                place = f"第{han(article)}条"
                self._clause(place, f"{place}{self.chance.choice((_WIDE, '  '))}")
                for item in range(1, self.chance.choice((0, 0, 2, 4)) + 1):
                    self._clause(f"{place}（{han(item)}）", f"（{han(item)}）")

    def _list(self, titles: Sequence[str]) -> None:
        if len(titles) == 1:
            self._say(f"附件：{titles[0]}")
        for position, title in enumerate(titles, 1):
            if len(titles) > 1:
                self._say(f"{'附件：' if position == 1 else ''}{position}.{title}")

    def _row(self, cells: Sequence[str]) -> None:
        self.lines.extend(f"\t{cell}" for cell in cells)
        self.lines.append("")

    def _flat_table(self, label: str, title: str) -> None:
        self._say(label)
        self._say(title)
        self._row(("序号", "名称", "数量和去处"))
        rows = []
        for number in range(1, self.chance.randint(2, 14) + 1):
            row = (
                str(number),
                self.chance.choice(_THINGS),
                f"{self.chance.randint(1, 90)}件，交{self.chance.choice(_UNITS)}",
            )
            self._row(row)
            rows.append(row)
        self.tables.append((label, tuple(rows)))

    def _grouped_table(self, label: str, title: str) -> None:
        """A table per unit, each with its printed total, and the total of all above them."""
        groups = [
            (
                unit,
                [
                    f"{self.chance.choice(_ACTS)}{self.chance.choice(_THINGS)}之{n}"
                    for n in range(1, self.chance.randint(1, 6) + 1)
                ],
            )
            for unit in self.chance.sample(_UNITS, self.chance.randint(2, 4))
        ]
        self._say(label)
        self._say(title)
        self._say(f"（共{sum(len(items) for _, items in groups)}项）")
        for position, (unit, items) in enumerate(groups, 1):
            self.lines.extend((f"{han(position)}、{unit}（共{len(items)}项）", ""))
            self._row(("序号", "类型", "事项"))
            rows = tuple((str(n), "日常事务", item) for n, item in enumerate(items, 1))
            for row in rows:
                self._row(row)
            self.tables.append((f"{label} {han(position)}", rows))
