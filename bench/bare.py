"""Five decisions as one would write them by hand: the dict of facts in, outputs with row and clause out, nothing checked."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]


def grade(facts: Facts) -> tuple[Any, ...]:
    if facts["licence_revoked"]:
        return "D", 1, "三（五）"
    if facts["serious_listed"] + facts["serious_penalties"] >= 1:
        return "C", 2, "三（五）"
    records = facts["general_records"] + facts["repaired_records"]
    if records > 5:
        return "C", 3, "三（五）"
    if records == 0:
        return "A", 6, "三（五）"
    return (None, 5, "三（五）") if facts["serious_consequence"] else ("B", 4, "三（五）")


def province_warning(facts: Facts) -> tuple[Any, ...]:
    notice, local = facts["notice_level"], facts["local_level"]
    if notice == "红色":
        return "红色", 7, "四（六）2（2）"
    if notice == "蓝色":
        if local in ("黄色", "橙色", "红色"):
            return local, 1, "四（六）2（2）"
        return "蓝色", 4, "四（六）2（2）"
    if notice == "黄色":
        if local in ("橙色", "红色"):
            return local, 2, "四（六）2（2）"
        return "黄色", 5, "四（六）2（2）"
    if local == "红色":
        return local, 3, "四（六）2（2）"
    return "橙色", 6, "四（六）2（2）"


_TARGETS = {"蓝色": (0, 0, 5, 5), "黄色": (10, 10, 10, 10), "橙色": (20, 20, 20, 15), "红色": (30, 30, 30, 20)}


def reduction_met(facts: Facts) -> tuple[Any, ...]:
    level = facts["warning_level"]
    if level == "无":
        return "无目标", 1, "五（三）"
    so2, nox, pm, vocs = _TARGETS[level]
    if facts["cut_pm"] < pm:
        return "未达标", 2, "五（三）"
    if facts["cut_vocs"] < vocs:
        return "未达标", 3, "五（三）"
    if level == "蓝色":
        return "达标", 4, "五（三）"
    both = facts["cut_so2"] + facts["cut_nox"]
    if both >= so2 + nox:
        return "达标", 5, "五（三）"
    if both < so2:
        return "未达标", 6, "五（三）"
    return "需人工判定", 7, "五（三）"


_RANK = {"无": 0, "蓝色": 1, "黄色": 2, "橙色": 3, "红色": 4}


def stretches(aqi: list[int]) -> list[tuple[int, int, int]]:
    """Of each stretch of days above 200: the most days in a row above 200, above 300, and of 500 or more."""
    found = []
    d2 = d3 = d5 = run3 = run5 = 0
    for value in [*aqi, 0]:
        if value > 200:
            d2 += 1
            run3 = run3 + 1 if value > 300 else 0
            run5 = run5 + 1 if value >= 500 else 0
            d3, d5 = max(d3, run3), max(d5, run5)
        elif d2:
            found.append((d2, d3, d5))
            d2 = d3 = d5 = run3 = run5 = 0
    return found


def level(facts: Facts) -> tuple[Any, ...]:
    best = ("无", "四（一）")
    for d2, d3, d5 in stretches(facts["aqi"]):
        if (d2 >= 4 and d3 >= 2) or d5 >= 1:
            here = ("红色", "四（一）第5款")
        elif d2 >= 3 and d3 >= 1:
            here = ("橙色", "四（一）第4款")
        elif d2 >= 2:
            here = ("黄色", "四（一）第3款")
        else:
            here = ("蓝色", "四（一）第2款")
        if _RANK[here[0]] > _RANK[best[0]]:
            best = here
    return best


_MEASURES = {
    "A": ("合理降低", False, "无", 1, "四（二）"),
    "B": ("常规", False, "行政指导；警示、提醒", 2, "四（二）"),
    "C": ("适当提高", True, "定向与随机抽查结合；加强现场检查；失信惩戒；行政指导；批评教育", 3, "四（二）"),
    "D": ("执行限制措施", False, "依法依规严格执行限制措施", 4, "四（二）"),
}


def inspection(facts: Facts) -> tuple[Any, ...]:
    own = grade(facts)[0]
    risk = facts["sector_risk"]
    sector = "A" if risk == "低" else "B" if risk == "一般" else "C" if risk == "较高" else own
    if own == "D" or sector == own:
        return _MEASURES[own]
    return _MEASURES["C" if own == "C" or sector == "C" else "B"]
