"""The roles of an office and what each may see without taking part in a case."""

from __future__ import annotations

CALL_TAKER = "话务员"
SHIFT_LEADER = "班长"
POLICE_CALL_TAKER = "接警员"
DISPATCHER = "指挥调度"
HANDLER = "承办人"
REVIEWER = "审核人"
DUTY_OFFICER = "值班员"
DUTY_LEADER = "带班领导"
INSPECTOR = "督查员"
REGULATOR = "监管人员"
POLICY_EDITOR = "政策维护"
ADMINISTRATOR = "管理员"

ROLES = (
    CALL_TAKER, SHIFT_LEADER, POLICE_CALL_TAKER, DISPATCHER, HANDLER, REVIEWER, DUTY_OFFICER, DUTY_LEADER, INSPECTOR,
    REGULATOR, POLICY_EDITOR, ADMINISTRATOR,
)  # fmt: skip

# Who sees every case of the instance: supervision looks across units, an administrator answers for the system.
SEES_ALL_CASES = frozenset({INSPECTOR, ADMINISTRATOR})
# Who reads personal data of the cases they see; each reading is logged. An administrator does not need it.
READS_PERSONAL = frozenset({
    CALL_TAKER, SHIFT_LEADER, POLICE_CALL_TAKER, DISPATCHER, HANDLER, REVIEWER, DUTY_OFFICER, DUTY_LEADER, REGULATOR,
})  # fmt: skip
# Sensitive personal data (证件号码, health ...) is read only by those who handle the case.
READS_SENSITIVE = frozenset({CALL_TAKER, SHIFT_LEADER, POLICE_CALL_TAKER, DISPATCHER, HANDLER, REVIEWER})
# Who takes calls: they read who called even when the caller asked to stay unknown to those who handle the matter.
TAKES_CALLS = frozenset({CALL_TAKER, SHIFT_LEADER, POLICE_CALL_TAKER, DISPATCHER})
