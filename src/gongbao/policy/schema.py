"""The shape of a policy pack: every file of a pack folder is one of these models, and nothing else is accepted.

These models are the truth about the pack format; `gongbao pack schema` publishes them as JSON Schema and
`docs/reference/pack.md` explains them. A pack folder holds:

    document.yaml  facts.yaml  params.yaml  settings.yaml  decisions.yaml  procedures.yaml
    duties.yaml  indicators.yaml  registers.yaml (+ registers/*.csv)  documents.yaml  scoresheets.yaml  examples.yaml

Every file but document.yaml may be absent. Expressions are FEEL in quoted strings; a name in `when` is a fact, a
`let` name or an expression, and its cell is a unary test.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from gongbao.engine.retention import parse_keep

VERSION = 1
HOUSE = "本单位办理规则"  # stands where a document of a gazette has its number
NUMBERS = (int, Decimal)


def _exact(value: Any) -> Any:
    """A YAML float is taken by its printed form, so that 0.1 stays 0.1; no floating point touches a rule."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    return value


Number = Annotated[int | Decimal, BeforeValidator(_exact)]
Literal_ = Annotated[bool | int | Decimal | dt.date | str | None, BeforeValidator(_exact)]
Feel = str
Cite = str


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


# --------------------------------------------------------------------------------------------------- document.yaml


class InForce(Model):
    """From when until when the document holds, both days included, and which date brings a matter under it.

    date_fact: the fact that holds the day of the event (with applies_by: event_date); without it, the day on which the
    matter came in. open_cases: what becomes of cases opened under an earlier version. gap: why there are days between
    the end of what came before and `from` on which nothing holds.
    """

    from_: dt.date = Field(alias="from")
    until: dt.date | None = None
    applies_by: Literal["event_date", "application_date", "decision_date"] = "event_date"
    date_fact: str | None = None
    open_cases: Literal["keep", "move"] = "keep"
    after_expiry: Literal["finish", "stop"] = "finish"
    gap: str | None = None
    cite: Cite | None = None

    @model_validator(mode="after")
    def _in_order(self) -> InForce:
        if self.until is not None and self.until < self.from_:
            raise ValueError(f"有效期的终点 {self.until} 早于起点 {self.from_}")
        if self.date_fact is not None and self.applies_by != "event_date":
            raise ValueError("date_fact 是事件之日的事实，只与 applies_by: event_date 同用")
        return self


class Work(Model):
    """What people call one case of the document's work (工单, 事件 ...), and the room of the office it is done in."""

    case: str
    room: str


class Revision(Model):
    no: int = 1
    kind: Literal["first", "transcription_fix", "amendment"] = "first"


class Review(Model):
    drafted_by: str
    checked_by: str | None = None
    certified_by: str | None = None
    certified_on: dt.date | None = None


class OpenQuestion(Model):
    """Something the text leaves open. `treated_as` says what the pack does: a reading, a setting, or 需人工判定."""

    id: str
    cite: Cite
    about: str
    treated_as: str


class NoRule(Model):
    """A clause that orders nothing; with `figures`, those of its figures that no rule uses, while rules stand on the rest."""

    cite: Cite
    figures: tuple[str, ...] = ()
    reason: str


class DocumentFile(Model):
    """kind: `house` is a working rule of the office's own, which no gazette prints and no issuing organ certifies. Its
    words stand in `clauses`, each under the name by which the rules cite it (第一条)."""

    kind: Literal["gazette", "house"] = "gazette"
    clauses: dict[Cite, str] = {}
    number: str
    title: str
    issuer: str
    dated: dt.date
    in_force: InForce
    repeals: tuple[str, ...] = ()
    based_on: tuple[str, ...] = ()
    jurisdiction: str
    owner: str
    work: Work
    revision: Revision = Revision()
    review: Review
    open_questions: tuple[OpenQuestion, ...] = ()
    no_rule: tuple[NoRule, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_number(cls, value: Any) -> Any:
        return {"number": HOUSE, **value} if isinstance(value, dict) and value.get("kind") == "house" else value

    @model_validator(mode="after")
    def _of_its_kind(self) -> DocumentFile:
        if self.kind == "gazette" and self.clauses:
            raise ValueError("clauses 是本单位办理规则（kind: house）的条文；公报的条文从公报读取")
        if self.kind == "house" and not self.clauses:
            raise ValueError("本单位办理规则须用 clauses 写出条文")
        if self.kind == "house" and self.review.certified_by is not None:
            raise ValueError("本单位办理规则没有发布机关，不写 review.certified_by")
        return self


# ------------------------------------------------------------------------------------------------------ facts.yaml

FactType = Literal[
    "boolean", "integer", "number", "money", "text", "date", "datetime", "duration", "choice", "unit", "person",
    "place", "file", "list", "record", "series",
]  # fmt: skip


class FactSpec(Model):
    """One typed fact. `step` is what one step of a threshold means; `of` is the item type of a list or series."""

    label: str
    type: FactType
    help: str | None = None
    min: Number | None = None
    max: Number | None = None
    step: Number | None = None
    scale: int | None = None
    unit: str | None = None
    values: tuple[str, ...] = ()
    ordered: bool = False
    of: FactType | None = None
    fields: dict[str, FactSpec] = {}
    marks: tuple[str, ...] = ()
    max_items: int | None = None
    judged_by: str | None = None
    format: Literal["resident_id", "credit_code", "mobile", "phone", "email", "multiline"] | None = None
    personal: Literal["personal", "sensitive"] | None = None
    keep: str | None = None
    cite: Cite | None = None

    @model_validator(mode="after")
    def _whole(self) -> FactSpec:
        if self.type == "choice" and not self.values:
            raise ValueError(f"事实“{self.label}”是 choice，必须列出 values")
        if self.type in ("list", "series") and self.of is None:
            raise ValueError(f"事实“{self.label}”是 {self.type}，必须用 of 写明元素类型")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"事实“{self.label}”的 min {self.min} 大于 max {self.max}")
        if self.keep is not None:
            if self.personal is None:
                raise ValueError(f"事实“{self.label}”写了保存期限 keep，须同时写 personal；只有个人信息到期删除")
            try:
                parse_keep(self.keep)
            except ValueError as error:
                raise ValueError(f"事实“{self.label}”的 keep：{error}") from error
        return self


# ------------------------------------------------------------------------------------- params.yaml / settings.yaml


class Param(Model):
    """A figure of the document. `text` is the figure as the gazette prints it; `implied` says why none is printed.

    label: what people call it (一般失信次数上限), shown wherever it is named."""

    value: Literal_
    label: str | None = None
    text: str | None = None
    unit: str | None = None
    cite: Cite
    implied: str | None = None

    @model_validator(mode="after")
    def _printed_or_implied(self) -> Param:
        if (self.text is None) == (self.implied is None):
            raise ValueError("参数须写 text（公报原样的数字），或写 implied（为何文中未印出），二者取一")
        return self


class Setting(Model):
    """A figure or a reading the text leaves to somebody: empty until its owner fills it, with history.

    each: `owner` is a group of which every member fills its own value."""

    owner: str
    label: str
    type: FactType = "number"
    each: bool = False
    values: tuple[Literal_, ...] = ()
    candidates: tuple[Literal_, ...] = ()
    unit: str | None = None
    min: Number | None = None
    max: Number | None = None
    cite: Cite | None = None
    why: str | None = None


# -------------------------------------------------------------------------------------------------- decisions.yaml


class OutputSpec(Model):
    type: FactType = "choice"
    label: str | None = None
    values: tuple[str, ...] = ()
    ordered: bool = False  # the values are listed from the lowest to the highest
    unit: str | None = None


class Rule(Model):
    """One row: all cells of `when` must hold. `then` is a literal for one output, or a mapping output -> literal;
    a string that begins with `= ` is an expression."""

    when: dict[str, str] | None = None
    otherwise: Literal_ | dict[str, Literal_] = None
    then: Literal_ | dict[str, Literal_] = None
    cite: Cite
    text: tuple[str, ...] = ()  # the figures of this row as the gazette prints them; default: the numbers of the cells
    implied: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _either(self) -> Rule:
        if ("when" in self.model_fields_set) == ("otherwise" in self.model_fields_set):
            raise ValueError("规则要么写 when 与 then，要么只写 otherwise")
        if ("when" in self.model_fields_set) != ("then" in self.model_fields_set):
            raise ValueError("写了 when 的规则必须写 then，otherwise 行不写 then")
        return self


class RowNote(Model):
    """What a row of a DMN file says in a pack: its clause, its figures as printed, why none is printed, a remark."""

    cite: Cite | None = None
    text: tuple[str, ...] = ()
    implied: str | None = None
    note: str | None = None


class DecisionSpec(Model):
    """A decision table (`rules`), formulas (`value`: output -> FEEL), or one that a DMN file draws (`dmn`).

    `for_each: {name: list expression}` decides once per item; `take` says which result stands for the whole:
    the highest of an ordered output, or all of them as a list.

    dmn: a file in `decisions/`; decision: its decision there, by name, id or label (default: the key in
    decisions.yaml); inputs: what a name of the model is in the pack (default: the fact or decision of that id or
    label); cites: the clause of each row, or one for all (default: the annotation of the row); rows: more about single rows, from 1.
    """

    label: str
    cite: Cite
    hit: Literal["unique", "first", "collect"] = "unique"
    output: dict[str, OutputSpec] = {}  # may be left out with `dmn`: then as the file has it
    let: dict[str, Feel] = {}
    assume: tuple[Feel, ...] = ()
    requires: tuple[str, ...] = ()  # other decisions whose outputs this one reads as <decision>.<output>
    rules: tuple[Rule, ...] = ()
    value: dict[str, Feel] = {}
    for_each: dict[str, Feel] = {}
    take: Literal["highest", "all"] = "highest"
    columns: bool = False
    asks: tuple[str, ...] = ()  # facts to ask for, in this order, before the order computed from the table
    dmn: str | None = None
    decision: str | None = None
    inputs: dict[str, Feel] = {}
    cites: tuple[Cite, ...] = ()
    rows: dict[int, RowNote] = {}
    _drawn_in: str | None = PrivateAttr(None)  # the file that its rows were taken from (policy.taking)
    _uncited: tuple[int, ...] = PrivateAttr(())  # its rows, from 1, for which the file names no clause
    _made_at: tuple[str, tuple[str | int, ...]] | None = PrivateAttr(None)  # file and key of what it was compiled from

    @model_validator(mode="after")
    def _table_or_formula(self) -> DecisionSpec:
        if self.dmn is not None:
            twice = [key for key in ("rules", "value", "let", "hit") if key in self.model_fields_set]
            if twice:
                raise ValueError(f"判定“{self.label}”取自 DMN 文件，不能再写 {'、'.join(twice)}")
            return self._one_variable()
        if only := [key for key in ("decision", "inputs", "cites", "rows") if key in self.model_fields_set]:
            raise ValueError(f"判定“{self.label}”没有写 dmn，{'、'.join(only)} 没有用处")
        if not self.output:
            raise ValueError(f"判定“{self.label}”须写 output")
        if bool(self.rules) == bool(self.value):
            raise ValueError(f"判定“{self.label}”要么写 rules（判定表），要么写 value（公式）")
        if self.value and set(self.value) != set(self.output):
            raise ValueError(f"判定“{self.label}”的 value 须逐一给出 output 的每一项")
        return self._one_variable()

    @property
    def drawn_in(self) -> str | None:
        """The DMN file that its rows were taken from; None where they stand in decisions.yaml."""
        return self._drawn_in

    @property
    def uncited(self) -> tuple[int, ...]:
        """The rows, from 1, that take the clause of the whole because the DMN file names none for them."""
        return self._uncited

    @property
    def made_at(self) -> tuple[str, tuple[str | int, ...]] | None:
        """The file and key of the line of a scoresheet that it was compiled from; None where somebody wrote it."""
        return self._made_at

    def _one_variable(self) -> DecisionSpec:
        if len(self.for_each) > 1:
            raise ValueError(f"判定“{self.label}”的 for_each 只能有一个变量")
        return self


# ------------------------------------------------------------------------------------------------- procedures.yaml


class Who(Model):
    """Who acts or is told; exactly one of the keys (with `level`/`place` beside `relative`)."""

    unit: str | None = None
    post: str | None = None
    role: str | None = None  # a role of the office: 话务员, 接警员, 值班员, 承办人, 审核人, 管理员 ...
    body: str | None = None
    party: str | None = None
    group: str | None = None  # a group of units.yaml, expanded to its members at that date
    fact: str | None = None  # the unit or person held by a fact
    decision: str | None = None  # <decision>.<output> holding a unit name
    relative: str | None = None  # a function of units.yaml (公安机关, 人民政府 ...) at a level and place
    level: str | None = None
    place: Feel = "case.place"

    @model_validator(mode="after")
    def _one(self) -> Who:
        keys = [k for k in ("unit", "post", "role", "body", "party", "group", "fact", "decision", "relative")
                if getattr(self, k) is not None]  # fmt: skip
        if len(keys) != 1:
            allowed = "unit、post、role、body、party、group、fact、decision、relative"
            raise ValueError(f"“谁”只能写一个：{allowed}，现有 {keys or '无'}")
        return self


WhoList = Annotated[tuple[Who, ...], BeforeValidator(lambda v: (v,) if isinstance(v, (dict, Who)) else v)]


class SettingRef(Model):
    setting: str


class EventRef(Model):
    """A moment: an event of the log (first, last or of this visit of the step), or a fact, or a decided level."""

    event: str | None = None
    fact: str | None = None
    decided: str | None = None
    pick: Literal["first", "last", "this_visit"] = "last"
    where: dict[str, Literal_] = {}
    to: WhoList = ()

    @model_validator(mode="after")
    def _one(self) -> EventRef:
        if sum(v is not None for v in (self.event, self.fact, self.decided)) != 1:
            raise ValueError("起止时点只能写 event、fact、decided 之一")
        return self


class Pause(Model):
    opens: str
    closes: str


class Extend(Model):
    max: str | SettingRef
    times: int = 1
    by: Who | None = None
    event: str = "extended"
    requires: Feel | None = None
    cite: Cite | None = None


class DeadlineSpec(Model):
    """One time rule. `limit` is `20 working days`, `3 hours`, `36 hours`, `1 month` ... or a setting.

    kind: period (must be met by then), date (on or before a day; never rolls), wait (a floor: nothing before its
    end), right (lapses, is never overdue), lead (counted backwards from `before`), repeat (`every`, `at`,
    `at_least` per).
    """

    id: str
    label: str
    kind: Literal["period", "date", "wait", "right", "lead", "repeat"] = "period"
    limit: str | SettingRef | None = None
    on_or_before: dt.date | Feel | None = None
    while_: Feel | None = Field(default=None, alias="while")
    from_: EventRef | None = Field(default=None, alias="from")
    before: EventRef | None = None
    met_by: EventRef | None = None
    pause: tuple[Pause, ...] = ()
    extend: Extend | None = None
    then: str | None = None
    closes: str | None = None
    every: str | SettingRef | None = None
    at: str | None = None
    at_least: int | SettingRef | None = None
    per: Literal["day", "week", "month", "quarter", "year"] | None = None
    until: EventRef | None = None
    owner: WhoList = ()
    roll: bool | None = None  # roll a rest-day end to the next working day; default by kind (period: yes)
    by_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = (
        None  # the hour of the day by which (上午12点前)
    )
    text: str | None = None  # the limit as the gazette prints it (2小时, 5个工作日), which verify looks for
    cite: Cite
    implied: ClassVar[frozenset[str]] = frozenset()  # what need not be written

    @model_validator(mode="after")
    def _complete(self) -> DeadlineSpec:
        need: dict[str, tuple[str, ...]] = {
            "period": ("limit", "from_"), "wait": ("limit", "from_"), "right": ("limit", "from_"),
            "lead": ("limit", "before"), "date": ("on_or_before",), "repeat": (),
        }  # fmt: skip
        missing = [n.rstrip("_") for n in need[self.kind] if getattr(self, n) is None and n not in self.implied]
        if missing:
            raise ValueError(f"时限“{self.label}”（{self.kind}）缺少 {'、'.join(missing)}")
        if self.kind == "repeat" and self.every is None and self.at is None and self.at_least is None:
            raise ValueError(f"时限“{self.label}”（repeat）须写 every、at 或 at_least")
        return self


class TaskDeadline(DeadlineSpec):
    """The clock of a duty's task; without `from` it runs from when the task arises."""

    implied: ClassVar[frozenset[str]] = frozenset({"from_"})


class Opens(Model):
    """An action that opens a linked case, here or on the other platform's site."""

    procedure: str
    pack: str | None = None
    link: str
    carry: tuple[str, ...] = ()
    site: str | None = None  # 12345 | 110: the case is opened on that site, through the exchange table
    # What comes back: an event type of the opened case -> the actions of this one by which it is recorded here, the
    # first that is possible then. The facts of the form travel with it.
    answers: dict[str, Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]] = {}


class ActionSpec(Model):
    """One legal next action. It emits one event whose type is the action's id (or `event`)."""

    label: str
    by: WhoList = ()  # default: the step's `by`; of an act that decides, the `decided_by` of what it decides
    form: tuple[str, ...] = ()  # facts asked; a name ending with `?` may stay empty
    # Facts that the act itself says (to propose an end is to propose level 无), or, after `= `, works out from what the
    # case knew before it and its form says (on_hand: "= on_hand - moved").
    sets: dict[str, Literal_] = {}
    requires: Feel | None = None  # what must hold (facts of the form are seen); `why` is told when it does not
    why: str | None = None
    to: tuple[str, ...] = ()  # steps entered; `closed` ends the case
    stay: bool = False  # the step stays open
    join: Literal["all", "any"] | int | None = None
    event: str | None = None
    decides: str | None = None  # the decision this act makes a legal state
    opens: Opens | None = None
    document: str | None = None
    on_behalf: bool = False  # an act of a leader that staff may enter with signer, real time and scan
    cite: Cite | None = None

    @property
    def computed(self) -> dict[str, Feel]:
        """The facts of `sets` that are worked out, with their expressions."""
        return {name: text[2:] for name, text in self.sets.items() if isinstance(text, str) and text.startswith("= ")}

    @model_validator(mode="after")
    def _leads_somewhere(self) -> ActionSpec:
        if not self.to and not self.stay:
            raise ValueError(f"动作“{self.label}”须写 to（下一环节）或 stay: true（停留）")
        return self


class StepSpec(Model):
    label: str
    by: WhoList = ()
    cite: Cite | None = None
    when: Feel | None = None  # an entered step whose condition is false is passed over
    each: dict[str, Feel] = {}
    actions: dict[str, ActionSpec] = {}
    deadlines: tuple[DeadlineSpec, ...] = ()


class DecideSpec(Model):
    """Whose act makes a proposal a legal state."""

    proposed_by: str
    decided_by: WhoList
    may_raise: dict[str, str] | None = None
    cite: Cite | None = None


class BodySpec(Model):
    formed_by: str
    lead: Who
    members: WhoList = ()


class Signal(Model):
    """Words of a call by which a matter of this procedure is recognised, so that the duty desk proposes it.

    words: terms as the clause prints them. said: how people say it, the words of the pack's authors. Both are written
    as in the hotline's lexicon: parts separated by spaces must all occur, `|` separates alternatives, `-` excludes.
    """

    words: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    cite: Cite

    @model_validator(mode="after")
    def _something(self) -> Signal:
        if not any(word.strip() for word in (*self.words, *self.said)):
            raise ValueError("signals 的每一项须写 words（文中的词）或 said（口头的说法）")
        return self


class ProcedureSpec(Model):
    label: str
    case: str | None = None  # what one case is called here (工单, 警单); default: document.work.case
    cite: Cite | None = None
    opened_by: tuple[str | dict[str, Any], ...] = ("opened",)
    open_by: WhoList = ()
    form: tuple[str, ...] = ()
    number: str | None = None  # e.g. "LF{date}{seq:05}"
    start: tuple[str, ...] = ()  # default: the first step
    title: Feel | None = None
    signals: tuple[Signal, ...] = ()  # by which words of a call the duty desk proposes this procedure
    bodies: dict[str, BodySpec] = {}
    decide: dict[str, DecideSpec] = {}
    steps: dict[str, StepSpec]
    anytime: dict[str, ActionSpec] = {}  # possible in every step until the case is closed
    deadlines: tuple[DeadlineSpec, ...] = ()


# ------------------------------------------------------------------------------------------------------ duties.yaml


class DutySpec(Model):
    """A measure or task. It arises while `while` holds (on decided levels), or at a step or event, or on a date."""

    id: str
    do: str
    while_: Feel | None = Field(default=None, alias="while")
    on: EventRef | None = None
    procedure: str | None = None  # the procedure whose cases raise it; None: stands by itself (dated tasks)
    lead: WhoList
    with_: WhoList = Field(default=(), alias="with")
    each: str | None = None  # a group: one task per member
    kind: Literal["mandatory", "advised", "health", "task"] = "mandatory"
    deadline: TaskDeadline | None = None
    evidence: tuple[str, ...] = ()
    exempt: str | None = None
    includes_lower: bool = False
    on_lowering: Literal["cancel", "keep"] = "cancel"
    on_repeat: Literal["add", "replace"] = "add"  # when the event of `on` comes again
    done_by: EventRef | None = None  # the event of the case that does the task for whoever has it
    text: tuple[str, ...] = ()
    cite: Cite


# ------------------------------------------------------------------------------------------------- indicators.yaml

TargetForm = Literal[
    "floor", "ceiling", "value", "exact", "about", "change", "growth", "full", "rank", "zero", "qualitative", "assigned",
]  # fmt: skip
#: The keys each form needs, and those that it may have beside them.
TARGET_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "floor": (("value",), ("strict", "over")),
    "ceiling": (("value",), ("strict", "over")),
    "value": (("value",), ("over",)),
    "exact": (("value",), ("over",)),
    "about": (("value", "tolerance"), ("over",)),
    "change": (("by", "against"), ("unit", "strict")),
    "growth": (("by",), ("strict",)),
    "full": ((), ("value",)),
    "rank": (("value",), ()),
    "zero": ((), ("over",)),
    "qualitative": ((), ("judged_by",)),
    "assigned": (("by",), ("strict",)),
}


class Baseline(Model):
    """Where an indicator stood. `value` is None where the text prints none (an observation of that year is it then).

    bound: the print says only that it was above or below `value` (＞95): it is shown and never reckoned with.
    """

    year: int | SettingRef | None = None
    value: Number | None = None
    bound: Literal["above", "below"] | None = None
    text: str | None = None

    @property
    def known(self) -> Number | None:
        """The number to reckon with."""
        return self.value if self.bound is None else None


class Judge(Model):
    """Whom a target is for: every member of a group (or every one of a kind of place) has a value of its own.

    pass: all of them; {share: 80} per cent of them; {at_least: 8} of them. count: how many there are, where `each` is
    no group of units.yaml; without it nobody can say that all are there.
    """

    each: str
    pass_: Literal["all"] | dict[Literal["share", "at_least"], Number] = Field(default="all", alias="pass")
    count: int | SettingRef | None = None


class Milestone(Model):
    value: Number
    text: str | None = None
    cite: Cite | None = None


class TargetSpec(Model):
    """What is to be reached. `text`: the target as printed.

    floor, ceiling   at least, at most `value`; strict: above, below
    value            a number without such a word; the indicator's `better` says which side is good
    exact            that number and no other
    about            `value` give or take `tolerance`, which the text does not say: a setting; with `better` only one side
    change           `by` in the indicator's own unit (or 百分点), or `unit: "%"`, against the baseline, the
                     previous_actual, or the path (`by` a year from the baseline). A setting says which where the
                     text does not. by: 0 with `better`: not worse
    growth           grown by `by` per cent a year on average since the baseline
    full             all of it: 100 unless `value` says otherwise
    rank             that place or better
    zero             none
    qualitative      a person judges it
    assigned         a number that somebody outside gives (`by`), entered when it comes; `better` says which side is good

    each_year: every year from `since`. over: the target is for the sum or mean of the years from `since`.
    """

    form: TargetForm
    year: int | None = None
    each_year: bool = False
    since: int | None = None
    value: Number | None = None
    strict: bool = False
    by: Number | str | None = None
    unit: Literal["百分点", "%"] | SettingRef | None = None
    against: Literal["baseline", "previous_actual", "path"] | SettingRef | None = None
    over: Literal["sum", "mean"] | None = None
    tolerance: Number | SettingRef | None = None
    judged_by: str | None = None
    strive: bool = False  # 力争
    judge: Judge | None = None
    milestones: dict[int, Number | Milestone] = {}
    quotas: dict[str, Number] = {}  # an area or unit -> its own share of the target, of the same form
    text: str | None = None
    implied: str | None = None
    cite: Cite | None = None

    @model_validator(mode="after")
    def _keys(self) -> TargetSpec:
        need, may = TARGET_KEYS[self.form]
        rules = {key for one in TARGET_KEYS.values() for keys in one for key in keys}
        given = self.model_fields_set & rules
        if missing := [key for key in need if key not in given]:
            raise ValueError(f"目标（{self.form}）缺少 {'、'.join(missing)}")
        if extra := sorted(given - {*need, *may}):
            raise ValueError(f"目标（{self.form}）用不到 {'、'.join(extra)}")
        if (self.year is None) != self.each_year and self.year is None:
            raise ValueError("目标须写 year（到哪一年），或 each_year: true（每年）")
        if (self.each_year or self.over) and self.since is None:
            raise ValueError("each_year、over 须同时写 since（从哪一年起）")
        if self.form == "assigned" and not isinstance(self.by, str):
            raise ValueError("assigned 的 by 是下达的一方（省 …）")
        if self.form in ("change", "growth") and not isinstance(self.by, NUMBERS):
            raise ValueError(f"{self.form} 的 by 是一个数")
        return self


TargetList = Annotated[
    tuple[TargetSpec, ...], BeforeValidator(lambda v: (v,) if isinstance(v, (dict, TargetSpec)) else v)
]


class RatioSpec(Model):
    """`num` for every `per` of `den`; both are facts of facts.yaml, observed each for itself."""

    num: str
    den: str
    per: int = 1


class IndicatorSpec(Model):
    """One indicator of a plan. Several targets must all be reached. It becomes the decisions `indicator_<id>` ...

    better: which side is good, where the forms do not say. path: a setting by which the owner declares that the line
    between baseline and target is the path of the years between; the text then gives none. same_as: the name under
    which other plans have the same indicator: it is entered once. parts: the indicators that it is the sum of.
    """

    id: str
    label: str
    group: str | None = None
    unit: str = ""
    value: RatioSpec | None = None
    baseline: Baseline = Baseline()
    target: TargetList
    better: Literal["up", "down"] | None = None
    nature: Literal["约束性", "预期性", "参考性"] | None = None
    owner: WhoList = ()
    with_: WhoList = Field(default=(), alias="with")
    source: str | None = None
    same_as: str | None = None
    min: Number | None = None
    max: Number | None = None
    step: Number | None = None
    path: SettingRef | None = None
    parts: tuple[str, ...] = ()
    define: str | None = None
    also: tuple[Cite, ...] = ()  # other clauses that print the same target
    printed: tuple[str, ...] = ()  # the words of the label as they stand in the clause, where it is not printed whole
    cite: Cite

    @model_validator(mode="before")
    @classmethod
    def _numbered(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        made = dict(value)
        if "id" in made:
            made["id"] = str(made["id"])
        if isinstance(made.get("parts"), list):
            made["parts"] = [str(part) for part in made["parts"]]
        return made

    @model_validator(mode="after")
    def _whole(self) -> IndicatorSpec:
        if not self.id.replace("_", "").isalnum() or not self.id.isascii() or self.id != self.id.lower():
            raise ValueError(f"指标编号“{self.id}”只能用小写英文字母、数字和下划线")
        if not self.target:
            raise ValueError(f"指标“{self.label}”须写 target")
        for target in self.target:
            if self.better is None and (
                target.form in ("value", "assigned") or (target.form == "change" and target.by == 0)
            ):
                raise ValueError(f"指标“{self.label}”（{target.form}）须写 better：数值往哪边为好（up 或 down）")
            if self.better is None and (target.milestones or self.path) and target.form in ("exact", "about"):
                raise ValueError(f"指标“{self.label}”有进度，须写 better：数值往哪边为好（up 或 down）")
            if (
                target.form in ("change", "growth")
                and target.against != "previous_actual"
                and self.baseline.year is None
            ):
                raise ValueError(f"指标“{self.label}”（{target.form}）须写 baseline.year：与哪一年比")
            if target.form == "growth" and (target.year is None or isinstance(self.baseline.year, SettingRef)):
                raise ValueError(f"指标“{self.label}”（growth）的 year 与 baseline.year 须是年份")
        return self


# ------------------------------------------------------------------------------------------------- scoresheets.yaml

ScoreRule = Literal[
    "all_or_nothing", "per_missing", "per_case", "share", "bands", "table", "judged", "bonus", "veto",
]  # fmt: skip
#: The keys each rule needs, and those that it may have beside them.
SCORE_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "all_or_nothing": (("when",), ("miss",)),
    "per_missing": (("have", "need", "each"), ("step", "partial", "floor")),
    "per_case": (("count", "each", "floor"), ()),
    "share": (("have", "of"), ("curve", "judged")),
    "bands": (("on", "bands"), ()),
    "table": (("decision",), ()),
    "judged": (("judged",), ()),
    "bonus": (("count", "each"), ()),
    "veto": (("when", "effect"), ("withhold", "instead", "item")),
}


class ScoreBand(Model):
    """The points for a stretch of `on`: `when` is a cell (`[30..60)`)."""

    when: str
    points: Number | None  # None: the text says nothing of this stretch, a person decides (`note`)
    text: tuple[str, ...] = ()
    implied: str | None = None
    note: str | None = None


class ScoreEvidence(Model):
    """The papers that prove a line, as the document lists them; `A|B` is one of either.

    provided_by: who has them, where the subject need not hand them in.
    """

    papers: tuple[str, ...] = ()
    provided_by: str | None = None
    cite: Cite

    @model_validator(mode="after")
    def _something(self) -> ScoreEvidence:
        if not self.papers and self.provided_by is None:
            raise ValueError("佐证材料须写 papers（材料），或写 provided_by（由谁提供）")
        return self


class ScorePart(Model):
    """What gives points by one rule; `full` is the most it gives (of a bonus: its cap, None where none is printed).

    all_or_nothing  `full` when the condition `when` holds, else `miss`
    per_missing     `full` with `need` or more of `have`; `each` (negative) for every one that is missing, or for every
                    `step` of it; `partial`: a setting that says what less than a step costs (PARTIAL)
    per_case        `full` and `each` (negative) for every one of `count`
    share           `full` times `have` / `of`; with `curve` (a setting, CURVES) only where its owner says so
    bands           the points of the band in which `on` is
    table           what a decision of decisions.yaml gives (`decision.output`)
    judged          the points that a person gives: a fact
    bonus           `each` (positive) for every one of `count`, on top of the full total
    veto            `when` it holds: `effect` zero (the total, or `item`), withhold (the grade `withhold` is not given;
                    `instead` says which is, where the text says it), exclude (not ranked)
    """

    id: str
    label: str
    rule: ScoreRule
    full: Number | None = None
    cite: Cite
    rule_cite: Cite | None = None  # where the rule stands, if elsewhere than the points
    text: tuple[str, ...] = ()  # the figures as the gazette prints them; default: the numbers of the item
    implied: str | None = None
    note: str | None = None
    when: Feel | None = None
    miss: Number = 0
    have: Feel | None = None
    need: Number | None = None
    each: Number | None = None
    step: Number | None = None
    partial: SettingRef | None = None
    count: Feel | None = None
    of: Feel | None = None
    curve: SettingRef | None = None
    judged: str | None = None
    on: Feel | None = None
    bands: tuple[ScoreBand, ...] = ()
    decision: str | None = None
    floor: Number | SettingRef | None = None
    effect: Literal["zero", "withhold", "exclude"] | None = None
    withhold: str | None = None
    instead: str | None = None
    item: str | None = None
    evidence: ScoreEvidence | None = None
    accepted_by: WhoList = ()

    @model_validator(mode="before")
    @classmethod
    def _numbered(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return value | {key: str(value[key]) for key in ("id", "item") if isinstance(value.get(key), int)}

    @model_validator(mode="after")
    def _keys(self) -> ScorePart:
        need, may = SCORE_KEYS[self.rule]
        rules = {key for one in SCORE_KEYS.values() for keys in one for key in keys}
        given = self.model_fields_set & rules
        if missing := [key for key in need if key not in given]:
            raise ValueError(f"“{self.label}”（{self.rule}）缺少 {'、'.join(missing)}")
        if extra := sorted(given - {*need, *may}):
            raise ValueError(f"“{self.label}”（{self.rule}）用不到 {'、'.join(extra)}")
        if self.full is None and self.rule not in ("bonus", "veto"):
            raise ValueError(f"“{self.label}”须写满分 full")
        if self.each is not None and (self.each > 0) != (self.rule == "bonus"):
            raise ValueError(f"“{self.label}”的 each 应是{'加分（正数）' if self.rule == 'bonus' else '扣分（负数）'}")
        if (self.step is None) != (self.partial is None):
            raise ValueError(f"“{self.label}”的 step 与 partial（不足一档怎么扣）须同时写")
        if self.rule == "per_case" and isinstance(self.floor, SettingRef):
            raise ValueError(f"“{self.label}”的 floor（最低分）须是数")
        if self.rule == "veto" and (self.effect == "withhold") != (self.withhold is not None):
            raise ValueError(f"“{self.label}”：withhold（不得评的等次）只与 effect: withhold 同用")
        return self


class ScoreItem(ScorePart):
    """One line of the sheet: a rule of its own, or the sum of its `parts`.

    over: where its parts come to more than `full`: full (no more than it), or a setting whose owner says the most.
    weight: what a point of it counts in the total (0.35), or a setting. group: the heading it stands under.
    """

    rule: ScoreRule | None = None  # type: ignore[assignment]
    parts: tuple[ScorePart, ...] = ()
    over: Literal["full"] | SettingRef | None = None
    weight: Number | SettingRef | None = None
    group: str | None = None

    def _keys(self) -> ScoreItem:  # type: ignore[override]
        if (self.rule is None) == (not self.parts):
            raise ValueError(f"“{self.label}”要么写 rule，要么写 parts")
        if self.rule is not None:
            super()._keys()  # type: ignore[operator]
        elif self.full is None:
            raise ValueError(f"“{self.label}”须写满分 full")
        return self


class GradeBand(Model):
    when: str
    then: str
    cite: Cite
    text: tuple[str, ...] = ()
    implied: str | None = None


class GradesSpec(Model):
    """The grades of the total, from the lowest to the highest."""

    label: str = "等次"
    values: tuple[str, ...]
    bands: tuple[GradeBand, ...]


class RankingSpec(Model):
    """The order of the subjects by their totals; equal totals share a place. take: how many are chosen.

    within: a choice fact; each of its values is ranked for itself.
    """

    cite: Cite
    take: int | SettingRef | None = None
    within: str | None = None
    text: tuple[str, ...] = ()


class VotesSpec(Model):
    """How many votes one voter (`by`: IP, 手机号 ...) may cast in a day."""

    limit: Annotated[int, Field(ge=1)]
    per: Literal["day"] = "day"
    by: str
    cite: Cite
    text: str | None = None


class PrintedTotal(Model):
    """The full total as the document prints it; a difference from the sum of the items is shown, not repaired."""

    value: Number
    cite: Cite
    text: str


class ScoresheetSpec(Model):
    """A scoring sheet. It becomes one decision per item and part, one of the total and one of the grade.

    They are called `<sheet>_<item>`, `<sheet>_<item>_<part>`, `<sheet>_total` and `<sheet>_grade`; a veto
    `<sheet>_<id>`. Others may read them like any decision.
    """

    label: str
    cite: Cite
    subject: str  # whom it scores, in words (县（市、区）)
    subjects: str | None = None  # a group of units.yaml, where they are one
    self_by: WhoList = ()
    verified_by: WhoList = ()
    items: tuple[ScoreItem, ...]
    printed_total: PrintedTotal | None = None
    grades: GradesSpec | None = None
    ranking: RankingSpec | None = None
    votes: VotesSpec | None = None


# --------------------------------------------------------------------------------------------------- registers.yaml


#: What the columns of a register that the office keeps are to it, whatever they are called.
ColumnRole = Literal[
    "name", "class", "place", "spot", "longitude", "latitude", "owner", "contact", "phone", "state", "quantity", "measure",
    "floor", "days", "neighbour", "clause",
]  # fmt: skip
RegisterKind = Literal[
    "team", "expert", "shelter", "warehouse", "stock", "equipment", "site", "enterprise", "person", "plan", "drill",
    "neighbours",
]  # fmt: skip


class ColumnSpec(Model):
    """`decided_by`: a decision (`year_due` or `year_due.year`) that computes the cell from those of the row.

    role: clause: the cell is a citation, and the printed cells of its row stand in that clause."""

    label: str
    type: FactType = "text"
    values: tuple[str, ...] = ()
    authored: bool = False  # added by the pack's authors (a class, search words): verify does not look for it
    role: ColumnRole | None = None
    required: bool = False
    personal: Literal["personal", "sensitive"] | None = None
    decided_by: str | None = None


class CountSpec(Model):
    """How many the text says there are (`exactly`) or are to be, held against the rows that the office keeps.

    `where`: the rows that count, by column and value; `sum`: a column that is added up instead of counting rows;
    `each`: a column, for each of whose values it holds; `of`: the group whose members (or their areas) must be there.
    `by`: the day by which it is to be so. A difference is shown and never repaired.
    """

    label: str
    where: dict[str, bool | str] = {}
    sum: str | None = None
    each: str | None = None
    of: str | None = None
    exactly: Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    by: dt.date | None = None
    text: str | None = None
    implied: str | None = None
    cite: Cite

    @model_validator(mode="after")
    def _whole(self) -> CountSpec:
        bounds = (self.exactly, self.at_least, self.at_most)
        if all(bound is None for bound in bounds) or (
            self.exactly is not None and any(b is not None for b in bounds[1:])
        ):
            raise ValueError(f"数目“{self.label}”须写 exactly，或 at_least、at_most 中的一个或两个")
        if self.of is not None and self.each is None:
            raise ValueError(f"数目“{self.label}”写了 of，须同时用 each 写明按哪一列")
        return self


class AssignSpec(Model):
    """Rows handed out to units: each row that has none below it opens one case of `procedure`.

    facts: fact of the opening form -> column. to: the column with the units (or groups of units) that a row goes to;
    apart: a yes-or-no column; where it says yes, each unit has a case of its own, otherwise they have one together.
    """

    procedure: str
    facts: dict[str, str]
    to: str
    apart: str | None = None


class RegisterSpec(Model):
    """Rows that the document lists (from `file`, a CSV beside it), that the office keeps, or a view over cases.

    `kept_by`: the units, or groups of units, that add, change and end rows; `file` then holds the rows to begin with.
    `parent`: the column that holds the key of the row above, which makes the rows a tree. `sums`: columns that are added
    up over what stands below a row, and for each unit. `known_by`: the column by which a row is known again in another
    edition of the register, where its key is a number that moves; `compared`: the columns whose cells are then compared
    (default: all others).
    """

    label: str
    cite: Cite
    key: tuple[str, ...] = ()
    columns: dict[str, ColumnSpec]
    file: str | None = None
    from_cases: str | None = None
    where: Feel | None = None
    count: int | None = None  # rows as counted
    printed_total: int | None = None  # rows as the document says; a difference is shown, not repaired
    group_by: str | None = None
    group_totals: dict[str, int] = {}
    group_counts: dict[str, int] = {}  # rows of each group as counted
    parent: str | None = None
    known_by: str | None = None
    compared: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    assign: AssignSpec | None = None
    printed_sums: dict[str, dict[str, Number]] = {}  # group (总计: all rows) -> column -> its sum as printed
    row_sums: dict[str, tuple[str, ...]] = {}  # a column that is the sum of these, in each row
    note: str | None = None
    authored: bool = False  # rows written by the pack's authors (search words ...), not printed in the document
    kept_by: tuple[str, ...] = ()
    kind: RegisterKind | None = None
    counts: tuple[CountSpec, ...] = ()

    @model_validator(mode="after")
    def _kept(self) -> RegisterSpec:
        if self.kept_by and not self.key:
            raise ValueError(f"清单“{self.label}”由单位登记（kept_by），须用 key 写明哪几列认一行")
        if self.counts and not self.kept_by:
            raise ValueError(f"清单“{self.label}”的 counts 核对单位登记的行，须同时写 kept_by")
        return self


# --------------------------------------------------------------------------------------------------- documents.yaml


class TemplateSpec(Model):
    """A paper the office produces: fields filled from the case, laid out as an official document (GB/T 9704)."""

    label: str
    kind: Literal["red_head", "letter", "report", "form", "notice"] = "notice"
    number: str | None = None  # "{unit}〔{year}〕{seq}号"
    seq_per: tuple[str, ...] = ("unit", "year")
    issuer: str | None = None
    signed_by: Who | None = None
    addressees: str | None = None
    title: str
    body: tuple[str, ...]  # paragraphs; {FEEL} in braces is filled from the case
    table: dict[str, Feel] = {}  # label -> value, printed as a two-column form
    copies: tuple[str, ...] = ()
    cite: Cite | None = None


# ---------------------------------------------------------------------------------------------------- examples.yaml


class Example(Model):
    """One case of the rules with its expected result.

    of decision:  given facts (+ settings) -> expect the outcome: a scalar, a mapping of outputs, or
                  {candidates: [...], at_least: x, ask: [...], needs_person: true, rule: cite}
    of deadline:  `deadline` spec id (procedure.id) or a `limit`, given `from` (+ events) -> expect due
    of procedure: events -> expect {steps, deadlines: {id: due}, actions: [...], not: [...], duties: n}
    of register:  expect {count, printed_total, ...}
    of duty:      given {decided...} -> expect the ids that arise
    of indicator: `indicator`, given {value: 90} of the target year, {values: {2021: 54.5}} or {observations: [rows]}
                  -> expect the status on the day `on` (default: the end of what is given), or {status, value, goal,
                  gap, per_year, needed, point, failing: [...], silent: [...], years: {2021: status}, reason: part}
    of score:     `sheet`, given findings -> expect {total, lowest, highest, full, grade, grades, items: {id: points},
                  missing: [...], open: [...], needs_person, vetoes: [...]}
    """

    id: str
    of: Literal["decision", "deadline", "procedure", "register", "duty", "indicator", "score"]
    decision: str | None = None
    procedure: str | None = None
    deadline: str | None = None
    register_: str | None = Field(default=None, alias="register")
    indicator: Annotated[str | None, BeforeValidator(lambda v: str(v) if isinstance(v, int) else v)] = None
    sheet: str | None = None
    given: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    events: tuple[dict[str, Any], ...] = ()
    now: dt.datetime | None = None
    on: dt.date | None = None
    expect: Any
    cite: Cite | None = None
    works_when: str | None = None  # <slice>-<section>-<statement>
    confirmed_by: str | None = None
    note: str | None = None


# ------------------------------------------------------------------------------------------------------- units.yaml


class Post(Model):
    holder: str | None = None
    portfolio: tuple[str, ...] = ()
    acts_for: str | None = None


class Succession(Model):
    unit: str
    on: dt.date | None = None
    source: str | None = None


class Unit(Model):
    """An organ. `level`: 省 | 市 | 县 | 乡; `functions`: what `relative` may ask for (人民政府, 公安机关 ...)."""

    name: str
    short: str | None = None
    level: Literal["国家", "省", "市", "县", "乡"] = "市"
    kind: Literal["政府", "部门", "企业", "机构", "领导小组", "平台", "法院"] = "部门"
    area: str | None = None
    functions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    profession_parent: str | None = None
    posts: dict[str, Post] = {}
    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None
    successors: tuple[Succession, ...] = ()
    note: str | None = None


class Group(Model):
    """A named set of units (各县（市、区）...), which may differ per document and date."""

    label: str
    members: tuple[str, ...]
    document: str | None = None
    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None


TileIndex = Annotated[int, Field(ge=1, le=9)]


class Tiles(Model):
    """Where the areas stand in a picture of tiles: area -> [row from the north, column from the west], approximate."""

    source: str
    at: dict[str, tuple[TileIndex, TileIndex]]


class UnitsFile(Model):
    city: str
    areas: tuple[str, ...] = ()
    tiles: Tiles | None = None
    units: dict[str, Unit]
    groups: dict[str, Group] = {}


# --------------------------------------------------------------------------------------------------- the whole pack


class Pack(Model):
    """One pack as its files say it, before anything is compiled."""

    id: str
    document: DocumentFile
    facts: dict[str, FactSpec] = {}
    params: dict[str, Param] = {}
    settings: dict[str, Setting] = {}
    decisions: dict[str, DecisionSpec] = {}
    procedures: dict[str, ProcedureSpec] = {}
    duties: tuple[DutySpec, ...] = ()
    indicators: tuple[IndicatorSpec, ...] = ()
    registers: dict[str, RegisterSpec] = {}
    documents: dict[str, TemplateSpec] = {}
    scoresheets: dict[str, ScoresheetSpec] = {}
    examples: tuple[Example, ...] = ()
    rows: dict[str, tuple[dict[str, Any], ...]] = {}  # register -> rows of its CSV, typed by its columns
