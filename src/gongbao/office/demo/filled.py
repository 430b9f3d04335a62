"""What the owners of the packs' settings might have filled: figures that the documents do not print.

Each is marked 演示值; an office fills its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongbao.office import worlds

HOTLINE, POLLUTION, CREDIT = "langfang/hotline-110", "langfang/heavy-pollution", "langfang/enterprise-credit"
SPILL = "langfang/environmental-incident"

VALUES: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    HOTLINE: {
        "sign_limit": ("1 working days", "文中只写及时"),
        "handle_limit": ("5 working days", "文中只写按时"),
        "visit_limit": ("2 working days", "文中没有"),
        "return_limit": ("1 working days", "文中没有"),
        "police_sign_limit": ("10 minutes", "文中只写立即签收"),
        "police_result_limit": ("24 hours", "文中只写按时反馈"),
        "exchange_period": ("7 days", "文中只写定期"),
        "repeat_calls": (5, "文中只写反复"),
        "extension_max": ("5 working days", "文中没有延期限度"),
    },
    POLLUTION: {
        "light_max": (150, "HJ633—2012的轻度污染上限"),
        "moderate_max": (200, "HJ633—2012的中度污染上限"),
        "trend_counts": (True, "文中未写趋势值能否用于定级"),
        "odd_even_rule": ("每日7时至20时，建成区道路，单日单号、双日双号", "文中只写单双号限行"),
        "watering_extra": (2, "文中只写增加"),
        "feedback_every": (24, "文中只写按要求及时反馈"),
        "drill_every": (12, "文中只写定期"),
    },
    SPILL: {
        "report_limit_1": ("30 minutes", "文中写按国家规定，未印数字"),
        "report_limit_2": ("30 minutes", "文中写按国家规定，未印数字"),
        "report_limit_3": ("1 hours", "文中写按国家规定，未印数字"),
        "report_limit_4": ("2 hours", "文中写按国家规定，未印数字"),
        "drill_every": ("1 years", "文中只写定期"),
    },
    CREDIT: {
        "repaired_counts": ("不计入", "两种口径取其一"),
        "record_date": ("认定日期", "两种口径取其一"),
        "penalty_scope": ("限于评价周期内", "两种读法取其一"),
        "conflict_reading": ("从严", "三种读法取其一"),
        "raise_reading": ("两项都要具备", "两种读法取其一"),
        "lead_department": ("市发改委", "文中没有点名"),
        "ratio_reduced": (1, "文中没有抽查比例"),
        "ratio_normal": (5, "文中没有抽查比例"),
        "ratio_raised": (20, "文中没有抽查比例"),
        "acceptance_limit": ("2 working days", "文中只给出比对时限"),
        "repair_limit": ("10 working days", "文中只写及时修复"),
    },
}

OWN: Mapping[tuple[str, str], Any] = {  # where a unit's own value differs from that of the others
    ("ratio_reduced", "廊坊市应急管理局"): 2,
    ("ratio_normal", "廊坊市应急管理局"): 10,
    ("ratio_raised", "廊坊市应急管理局"): 40,
}


def fill(values: Mapping[str, Mapping[str, tuple[Any, str]]] = VALUES) -> int:
    """Fill the settings that the packs of this office have; how many."""
    made = 0
    for pack in worlds.pack_ids():
        if pack not in values or not worlds.is_loaded(pack):
            continue
        world = worlds.world(pack)
        for name, (value, why) in values[pack].items():
            if name not in world.settings:
                continue
            spec = world.settings[name]
            for unit in worlds.members(world, spec) if spec.each else ("",):
                own = worlds.checked_setting(spec, OWN.get((name, unit), value))
                reason = f"演示值：{why}，由{unit or spec.owner}另行确定"
                worlds.set_setting(pack, name, own, by="演示", reason=reason, unit=unit)
            made += 1
    return made
