"""What kind of document a title names: 办法, 规划, 预案 ... of what is issued, not of the notice that issues it."""

from __future__ import annotations

import re

from gongbao.gazette.text import squeeze

#: In order: of two that a title could end with, the first that fits names it.
KINDS = (
    "实施细则", "实施意见", "指导意见", "实施方案", "工作方案", "行动计划", "应急预案", "管理办法", "暂行规定", "规划", "方案",
    "预案", "办法", "细则", "规定", "规程", "条例", "意见", "计划", "制度", "清单", "目录", "标准", "规则", "要求", "措施", "方法",
    "决定", "决议", "通告", "公告", "批复", "通报", "报告", "纪要", "函", "令", "通知",
)  # fmt: skip
#: The kinds to choose from: what a longer name is a sort of.
_SORTS = {
    "实施细则": "细则", "实施意见": "意见", "指导意见": "意见", "实施方案": "方案", "工作方案": "方案", "行动计划": "计划",
    "应急预案": "预案", "管理办法": "办法", "暂行规定": "规定", "决议": "决定", "公告": "通告",
}  # fmt: skip
_ISSUED = re.compile(r"(?:印发|转发|发布|公布|批转)(.+?)的(?:通知|决定|通告|函)$")
_MARKS = re.compile(r"[（(][^（）()]*[）)]$|[》”\"]+$")


def kind_of(title: str) -> str:
    """The kind of a document with this title; 其他 where the title does not say.

    >>> kind_of("关于印发《廊坊市重污染天气应急预案》的通知")
    '预案'
    """
    text = squeeze(title)
    issued = _ISSUED.search(text)
    for candidate in ([issued[1]] if issued else []) + [text]:
        while (stripped := _MARKS.sub("", candidate)) != candidate:
            candidate = stripped
        for kind in KINDS:
            if candidate.endswith(kind):
                return _SORTS.get(kind, kind)
    return "其他"
