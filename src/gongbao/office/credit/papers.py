"""企业公共信用评价结果单: the pack's template filled from one graded enterprise. Case papers are made by cases.papers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gongbao.engine.functions import FUNCTIONS
from gongbao.exchange import paper
from gongbao.feel import compile_expression
from gongbao.office import exercise, worlds
from gongbao.office.credit.grading import Graded
from gongbao.office.credit.models import PACK, Enterprise
from gongbao.policy import loader
from gongbao.policy.expressions import scope_names

TEMPLATE = "grade_notice"


class NotGraded(ValueError):
    """There is no settled grade to print."""


def grade_notice(enterprise: Enterprise, judged: Graded, on: dt.date) -> tuple[str, bytes]:
    """(file name, DOCX) of the result. NotGraded while the grade is open, since nothing is told that does not hold."""
    if not judged.verdict.grade:
        raise NotGraded(f"{enterprise.name}的等级未定，不能出具结果单：{judged.verdict.reason}")
    from gongbao.exchange.docx import to_docx  # when a paper is made: python-docx is not for a server's start

    pack = loader.read_source(worlds.folder(PACK)).pack
    template = pack.documents[TEMPLATE]
    scope: dict[str, Any] = {
        **judged.facts[0], "enterprise": enterprise.name, "credit_code": enterprise.credit_code,
        "grade": {"grade": judged.verdict.grade}, "params": judged.world.params,
    }  # fmt: skip

    def evaluate(text: str) -> Any:
        return compile_expression(text, scope_names(pack), FUNCTIONS).evaluate(scope)

    filled = paper.fill(
        title=template.title, kind=template.kind, issuer=template.issuer or "", dated=on, evaluate=evaluate,
        table={**template.table, "评价周期": f'"{judged.cycle}"', "依据": f'"{_basis(judged)}"'}, body=template.body,
        mark=exercise.mark(), remark="" if judged.world.certified_by else paper.NOT_CERTIFIED,
    )  # fmt: skip
    return f"企业公共信用评价结果单 {enterprise.name}.docx", to_docx(filled)


def _basis(judged: Graded) -> str:
    document = judged.world.document
    return f"《{document['title']}》（{document['number']}）{'、'.join(judged.outcome.cites)}"
