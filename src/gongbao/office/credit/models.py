"""What the room keeps beside the cases: enterprises, their credit records, grades given, queries answered, draws made.

Enterprise    a company of the city with the grade it was last given
CreditRecord  one piece of credit information (附件1) about it
Run, Grade    one evaluation of all enterprises; the grade of each, with the facts and row it stands on
Query         who asked for a result at the window, and whether it was given
Draw, Drawn   a 双随机 draw and the enterprises in it
Effect        an act of a case that has changed records here, so that it does so once
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongbao.office.append_only import AppendOnly

PACK = "langfang/enterprise-credit"

VALID, REPAIRED, REMOVED, DISPUTED, WITHDRAWN = "有效", "已修复", "已移出", "异议中", "已撤销"
STATUSES = (VALID, REPAIRED, REMOVED, DISPUTED, WITHDRAWN)
GENERAL, SERIOUS, BASIC, LICENCE = "一般失信", "严重失信", "基础信息", "吊销营业执照"
SECTOR_RISKS = ("未分级", "低", "一般", "较高")

SETTLED, OPEN, PERSON = "settled", "open", "needs_person"
STATUS_WORDS = {SETTLED: "已定", OPEN: "未定", PERSON: "需人工判定", "invalid": "数据有误"}


class Enterprise(models.Model):
    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True)
    name = models.CharField("企业名称", max_length=120)
    county = models.CharField("注册地", max_length=40)
    sector = models.CharField("行业", max_length=40, blank=True)
    field = models.CharField("重点领域", max_length=20, default="其他")
    sector_risk = models.CharField("行业信用风险", max_length=10, default="未分级")
    city_owned = models.BooleanField("市属国有企业", default=False)
    licence_revoked = models.BooleanField("已吊销营业执照", null=True)  # null: not known
    registered_on = models.DateField("登记日期", null=True)
    added_at = models.DateTimeField()

    # The grade last given; its grounds are in the Grade row.
    grade = models.CharField("等级", max_length=2, blank=True)
    grade_status = models.CharField(max_length=12, blank=True)  # "", settled, open, needs_person
    graded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["credit_code"]
        indexes = [
            models.Index(fields=["county", "grade", "credit_code"], name="enterprise_county"),
            models.Index(fields=["sector", "grade", "credit_code"], name="enterprise_sector"),
            models.Index(fields=["grade", "credit_code"], name="enterprise_grade"),
            models.Index(fields=["grade_status", "credit_code"], name="enterprise_status"),
            models.Index(fields=["name"], name="enterprise_name"),
            models.Index(fields=["credit_code"], condition=Q(city_owned=True), name="enterprise_city_owned"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def directory(self) -> str:
        """The 监管企业名录 it stands in (二（二）): the city's, or its county's."""
        return "市级" if self.city_owned else self.county


class CreditRecord(models.Model):
    number = models.CharField("编号", max_length=40, unique=True)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField("信息名称", max_length=120)  # as the information table (附件1) names it
    klass = models.CharField("归类", max_length=10)  # GENERAL, SERIOUS, BASIC, LICENCE
    listed = models.BooleanField(default=False)  # an entry in a list of seriously dishonest subjects
    penalty_kind = models.CharField("处罚种类", max_length=20, blank=True)
    dated = models.DateField("认定日期")
    collected_on = models.DateField("归集日期")
    source = models.CharField("提供单位", max_length=80)
    status = models.CharField("状态", max_length=6, default=VALID)
    status_on = models.DateField("状态日期", null=True)
    serious_consequence = models.BooleanField("造成严重后果", null=True)  # a judgement; null: not yet made
    details = models.TextField("内容", blank=True)

    class Meta:
        ordering = ["-dated", "number"]
        indexes = [models.Index(fields=["enterprise", "dated"], name="credit_record_of")]

    def __str__(self) -> str:
        return self.number

    @property
    def stands(self) -> bool:
        """Whether it is still held against the enterprise; while an objection runs it is (the text has no pause)."""
        return self.status in (VALID, DISPUTED)


class Run(models.Model):
    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()  # the machine's time of the last sign of life
    started_by = models.CharField(max_length=60)
    as_of = models.DateField("评价日期")
    cycle_months = models.PositiveSmallIntegerField("评价周期（月）")
    version = models.CharField(max_length=80)
    settings = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default=WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # grade or status -> enterprises
    seconds = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    @property
    def unsettled(self) -> int:
        """Enterprises without a grade in this run."""
        return sum(number for name, number in self.counts.items() if name in STATUS_WORDS)


class Grade(models.Model):
    """The outcome for one enterprise. `run` is empty for one decided by itself (after a repair, an objection)."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="grades")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, related_name="grades")
    at = models.DateTimeField()
    as_of = models.DateField()
    version = models.CharField(max_length=80)
    status = models.CharField(max_length=12)
    grade = models.CharField(max_length=2, blank=True)
    before = models.CharField(max_length=2, blank=True)  # the grade it replaced
    rule = models.PositiveSmallIntegerField(null=True)  # the row of the table, from 1
    candidates = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    cause = models.CharField(max_length=120, blank=True)  # why it was decided anew: a case number ...
    receipt = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["run", "enterprise"], name="grade_once_per_run")]
        indexes = [
            models.Index(fields=["enterprise", "-id"], name="grade_history"),
            models.Index(fields=["run", "status", "grade"], name="grade_of_run"),
        ]


class Query(AppendOnly):
    """One question at the window (三（四）): who asked for whose result, and what was answered."""

    number = models.CharField("编号", max_length=40, unique=True)
    at = models.DateTimeField()
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="queries")
    asker = models.CharField("查询人", max_length=20)  # a value of the fact `asker`
    asker_name = models.CharField("查询人姓名", max_length=40)
    evidence = models.JSONField(default=list)  # the authorisation, scanned
    allowed = models.BooleanField()
    grade = models.CharField(max_length=2, blank=True)  # what was told
    account = models.CharField(max_length=60)
    unit = models.CharField(max_length=80)

    class Meta:
        ordering = ["-id"]


class Draw(models.Model):
    """A 双随机 draw; with its seed, ratios and list of enterprises it can be repeated by anybody."""

    number = models.CharField("编号", max_length=40, unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    unit = models.CharField(max_length=80)
    department = models.CharField("部门", max_length=80)
    item = models.CharField("监管事项", max_length=400)
    scope = models.JSONField(default=dict)  # county, sector, field
    ratios = models.JSONField(default=dict)  # sampling -> percent
    seed = models.CharField(max_length=64)
    strata = models.JSONField(default=list)  # [{sampling, of, drawn, ratio}]
    people = models.JSONField(default=list)  # 执法检查人员
    team = models.PositiveSmallIntegerField(default=0)
    version = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)  # over the codes and strata that were drawn from

    class Meta:
        ordering = ["-id"]


class Drawn(models.Model):
    """One enterprise of a draw's result."""

    draw = models.ForeignKey(Draw, on_delete=models.CASCADE, related_name="results")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="draws")
    order = models.PositiveIntegerField()
    grade = models.CharField(max_length=2, blank=True)
    how = models.CharField(max_length=10)  # 随机, 定向, 另行检查
    sampling = models.CharField(max_length=20)
    reason = models.CharField(max_length=300)
    team = models.JSONField(default=list)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["draw", "enterprise"], name="drawn_once")]


class Effect(AppendOnly):
    """An act of a case that changed records: each acts once, also when projections are rebuilt.

    Voiding the act adds an effect of its own (`undoes`: the sequence of the voided act) that turns `changes` round.
    """

    case_number = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    what = models.CharField(max_length=200)
    at = models.DateTimeField()
    changes = models.JSONField(default=list)  # [{record, from, to}]
    undoes = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case_number", "seq"], name="effect_once")]
