"""Differentiated inspection (四（二）) and the 双随机 draw: strata by grade and sector risk, ratios from the settings.

The ratios are settings that each 监管部门 fills for itself; a draw uses those of the department whose item is inspected.
The draw is made by arithmetic that anybody can repeat: within a stratum enterprises stand in the order of
SHA-256(seed | credit code), and the first n are drawn, n being the stratum times the ratio, rounded up. The text has
no ratio, so while a setting that the draw needs is empty there is no draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import numbers
from gongbao.office.credit.models import PACK, Draw, Drawn, Enterprise
from gongbao.office.people.models import Account

RATIOS = {"合理降低": "ratio_reduced", "常规": "ratio_normal", "适当提高": "ratio_raised"}
"""Sampling (an output of `inspection`) -> the setting that `ratio` reads for it."""
RESTRICTED, UNDECIDED = "执行限制措施", "未定"
PLAN, RANDOM, DIRECTED, EXTRA = "年度抽查计划", "随机", "定向", "另行检查"


class NoDraw(ValueError):
    """The draw cannot be made; `fields` says which part of the form or which settings."""

    def __init__(self, message: str, field: str = "") -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Kind:
    """Enterprises that the rule treats alike: a grade as last given, and a sector risk."""

    grade: str
    sector_risk: str


def inspect(world: World, facts: dict[str, Any], sector_risk: str) -> Outcome:
    """四（二） for one enterprise."""
    return decide(world, "inspection", {**facts, "sector_risk": sector_risk})


def sampling_of(world: World, grade: str, sector_risk: str) -> str:
    """The sampling for a grade as it was given: the outcome of `inspection` for facts that lead to this grade.

    未定 while the grade is, or while the setting for a grade and a risk that differ is empty and matters.
    """
    if not grade:
        return UNDECIDED
    outcome = inspect(world, facts_for(world, grade), sector_risk)
    return str(outcome.value["sampling"]) if outcome.settled and outcome.value else UNDECIDED


def facts_for(world: World, grade: str) -> dict[str, Any]:
    """Facts that the rule grades so: found by deciding, so that a draw on a kept grade uses the pack's own table."""
    none = {"licence_revoked": False, "general_records": 0, "repaired_records": 0, "serious_listed": 0,
            "serious_penalties": 0, "serious_consequence": False}  # fmt: skip
    for changed in ({}, {"general_records": 1}, {"serious_listed": 1}, {"licence_revoked": True}):
        facts = {**none, **changed}
        if decide(world, "grade", facts).output == grade:
            return facts
    raise LookupError(f"没有得出等级{grade}的事实")


def scope(asked: dict[str, str]) -> QuerySet[Enterprise]:
    """The enterprises a draw is made from: `county`, `sector`, `field` where given; 市级 for the city's directory."""
    found = Enterprise.objects.all()
    if asked.get("county") == "市级":
        found = found.filter(city_owned=True)
    elif asked.get("county"):
        found = found.filter(county=asked["county"], city_owned=False)
    for name in ("sector", "field"):
        if asked.get(name):
            found = found.filter(**{name: asked[name]})
    return found


@dataclass(frozen=True, slots=True)
class Stratum:
    sampling: str
    codes: tuple[str, ...]
    ratio: Decimal | None  # percent

    @property
    def of(self) -> int:
        return len(self.codes)

    @property
    def number(self) -> int:
        """How many are drawn: rounded up, so that a stratum that is to be sampled is."""
        if self.ratio is None:
            return 0
        return int((Decimal(self.of) * self.ratio / 100).to_integral_value(ROUND_CEILING))


def strata(world: World, asked: dict[str, str], department: str) -> tuple[Stratum, ...]:
    """The strata of a draw, those without a ratio too. NoDraw when a stratum needs a setting that is empty.

    department: whose item is inspected; the ratios are those that it filled for itself.
    """
    world = world.for_unit(department)
    rows = scope(asked).order_by("credit_code").values_list("credit_code", "grade", "sector_risk")
    kinds: dict[Kind, str] = {}
    held: dict[str, list[str]] = {}
    for code, grade, risk in rows.iterator():
        kind = Kind(grade, risk)
        if kind not in kinds:
            kinds[kind] = sampling_of(world, grade, risk)
        held.setdefault(kinds[kind], []).append(code)
    if not held:
        raise NoDraw("这个范围里没有企业", "county")
    empty = [world.settings[RATIOS[s]] for s in held if s in RATIOS and world.settings[RATIOS[s]].value is None]
    if empty:
        named = "、".join(f"“{each.label}”（{each.whose or each.owner}）" for each in empty)
        raise NoDraw(f"不能抽取：文中没有抽查比例，设置{named}还没有填写", "ratio")
    order = [*RATIOS, RESTRICTED, UNDECIDED]
    return tuple(
        Stratum(s, tuple(held[s]), Decimal(str(world.settings[RATIOS[s]].value)) if s in RATIOS else None)
        for s in sorted(held, key=order.index)
    )


def place(seed: str, code: str) -> str:
    """Where an enterprise stands in the draw."""
    return hashlib.sha256(f"{seed}|{code}".encode()).hexdigest()


def drawn(stratum: Stratum, seed: str) -> tuple[str, ...]:
    """The enterprises of a stratum that are drawn, in the order of the draw."""
    return tuple(sorted(stratum.codes, key=lambda code: place(seed, code))[: stratum.number])


def team(seed: str, code: str, people: Sequence[str], size: int) -> list[str]:
    """执法检查人员 for one enterprise, drawn in the same way."""
    return sorted(people, key=lambda name: place(seed, f"{code}|{name}"))[:size]


def digest(found: Iterable[Stratum]) -> str:
    """Over everything drawn from, so that a repetition can tell whether the list is still the same."""
    made = hashlib.sha256()
    for stratum in found:
        made.update(f"{stratum.sampling}:{stratum.ratio}:{','.join(stratum.codes)};".encode())
    return made.hexdigest()


def draw(
    account: Account, *, department: str, item: str, asked: dict[str, str], seed: str, people: Sequence[str] = (),
    size: int = 0, extra: Sequence[tuple[str, str]] = (), directed: Sequence[str] = (),
) -> Draw:  # fmt: skip
    """Make a draw and keep it. `extra`: (credit code, 检查来由) of checks that run whatever the grade; `directed`:
    codes of 重点监管对象 that are checked besides those drawn. NoDraw names what is missing or wrong.
    """
    world = worlds.world(PACK)
    rows = world.registers["items"].rows
    if not any(row["department"] == department and row["item"] == item for row in rows):
        raise NoDraw(f"监管事项清单里没有“{department}”的这一事项", "item")
    if not seed.strip():
        raise NoDraw("请填写随机种子，以便复核", "seed")
    if people and not 0 < size <= len(people):
        raise NoDraw(f"每户人数须为 1 到 {len(people)}", "team")
    found = strata(world, asked, department)
    with transaction.atomic():
        made = Draw.objects.create(
            number=numbers.case_number("CC{date}{seq:03}", clock.today()), at=clock.now(), by=account.username,
            unit=account.unit, department=department, item=item, scope=asked, seed=seed, team=size if people else 0,
            people=list(people), version=world.version, digest=digest(found),
            ratios={s.sampling: str(s.ratio) for s in found if s.ratio is not None},
            strata=[{"sampling": s.sampling, "of": s.of, "drawn": s.number, "ratio": _percent(s.ratio)} for s in found],
        )  # fmt: skip
        chosen = _chosen(world, found, seed, extra, directed)
        kept = {e.credit_code: e for e in Enterprise.objects.filter(credit_code__in=[code for code, *_ in chosen])}
        if missing := [code for code, *_ in chosen if code not in kept]:
            raise NoDraw(f"名录中没有 {'、'.join(missing[:5])}", "extra")
        Drawn.objects.bulk_create([
            Drawn(draw=made, enterprise=kept[code], order=order, grade=kept[code].grade, how=how, sampling=sampling,
                  reason=reason, team=team(seed, code, people, size) if people else [])
            for order, (code, how, sampling, reason) in enumerate(chosen, 1)
        ])  # fmt: skip
    return made


def _percent(ratio: Decimal | None) -> str:
    return "" if ratio is None else f"{ratio.normalize():f}%"


def _chosen(
    world: World, found: Sequence[Stratum], seed: str, extra: Sequence[tuple[str, str]], directed: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    """(code, how, sampling, reason), each enterprise once: other checks first, then directed, then drawn."""
    sampling = {code: stratum.sampling for stratum in found for code in stratum.codes}
    chosen: dict[str, tuple[str, str, str, str]] = {}
    for code, trigger in extra:
        if trigger not in world.facts["trigger"].values or trigger == PLAN:
            allowed = "、".join(v for v in world.facts["trigger"].values if v != PLAN)
            raise NoDraw(f"另行检查的来由为“{trigger}”，只能是 {allowed}", "extra")
        applies = decide(world, "reduction_applies", {"trigger": trigger}).output
        reason = f"{trigger}：{'' if applies else '不因等级降低而减免，'}照常检查（四（二））"
        chosen[code] = (code, EXTRA, sampling.get(code, ""), reason)
    for code in directed:
        if sampling.get(code) != "适当提高":
            raise NoDraw(f"{code} 不在重点监管对象里，不能定向列入", "directed")
        chosen.setdefault(code, (code, DIRECTED, sampling[code], "重点监管对象，定向与随机相结合（四（二））"))
    for stratum in found:
        for at, code in enumerate(drawn(stratum, seed), 1):
            reason = f"{stratum.sampling}：{stratum.of}户按{_percent(stratum.ratio)}抽{stratum.number}户，序位第{at}"
            chosen.setdefault(code, (code, RANDOM, stratum.sampling, reason))
    return list(chosen.values())


def repeat(made: Draw) -> tuple[bool, list[str], list[str]]:
    """Draw again from the recorded seed: (same list as then, codes drawn then, codes drawn now)."""
    world = worlds.world(PACK).with_settings({RATIOS[s]: Decimal(r) for s, r in made.ratios.items()})
    found = strata(world, made.scope, made.department)
    then = list(made.results.filter(how=RANDOM).order_by("order").values_list("enterprise__credit_code", flat=True))
    others = set(made.results.exclude(how=RANDOM).values_list("enterprise__credit_code", flat=True))
    now = [code for stratum in found for code in drawn(stratum, made.seed) if code not in others]
    return digest(found) == made.digest, then, now
