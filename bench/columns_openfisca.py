"""The grade of bench/columns.py in OpenFisca-Core, in memory, on the same facts; equal to gongbao's.

    python -m venv DIR; DIR/bin/pip install openfisca-core pyarrow
    python bench/columns.py --keep FOLDER --rows N --rounds 1 --only 标量
    DIR/bin/python bench/columns_openfisca.py FOLDER/facts.parquet FOLDER/ours.parquet

OpenFisca pins its own numpy, so it has its own environment; without it this row is left out. Only the scalar table can be
written there: it has no series of readings in a day's fact and no working days. Timed is what both must do: reading the facts
from Parquet, deciding, and having the grade and the rule as arrays (nothing is written).
"""

from __future__ import annotations

import sys
import time
from importlib.metadata import version

import numpy
import pyarrow.parquet as pq
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

ENTERPRISE = build_entity(key="enterprise", plural="enterprises", label="企业", is_person=True)
GRADES = numpy.array(["D", "C", "C", "B", "需人工判定", "A"])


def fact(name: str, kind: type) -> type[Variable]:
    return type(name, (Variable,), {"value_type": kind, "entity": ENTERPRISE, "definition_period": DateUnit.YEAR})


WHEN = period("2022")
FLAGS = ("licence_revoked", "serious_consequence")
COUNTS = ("general_records", "serious_listed", "serious_penalties")


class serious(Variable):
    value_type = int
    entity = ENTERPRISE
    definition_period = DateUnit.YEAR

    def formula(enterprise, when):
        return enterprise("serious_listed", when) + enterprise("serious_penalties", when)


class rule(Variable):
    value_type = int
    entity = ENTERPRISE
    definition_period = DateUnit.YEAR

    def formula(enterprise, when):
        counted = enterprise("general_records", when)
        conditions = [
            enterprise("licence_revoked", when), enterprise("serious", when) > 0, counted > 5,
            (counted > 0) & ~enterprise("serious_consequence", when), counted > 0,
        ]  # fmt: skip
        return numpy.select(conditions, [1, 2, 3, 4, 5], 6)


def decide(path: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    system = TaxBenefitSystem([ENTERPRISE])
    for name in FLAGS:
        system.add_variable(fact(name, bool))
    for name in COUNTS:
        system.add_variable(fact(name, int))
    system.add_variables(serious, rule)
    table = pq.read_table(path, columns=[*FLAGS, *COUNTS])
    simulation = SimulationBuilder().build_default_simulation(system, count=table.num_rows)
    for name in (*FLAGS, *COUNTS):
        simulation.set_input(name, WHEN, table[name].to_numpy())
    rules = simulation.calculate("rule", WHEN)
    return rules, GRADES[rules - 1]


def main() -> None:
    source, ours = sys.argv[1:3]
    times = []
    for _ in range(3):
        started = time.perf_counter()
        rules, grades = decide(source)
        times.append(time.perf_counter() - started)
    made = pq.read_table(ours, columns=["id", "rule", "grade"]).sort_by("id")  # the rows may be in any order
    order = numpy.argsort(pq.read_table(source, columns=["id"])["id"].to_numpy())
    assert (made["rule"].to_numpy() == rules[order]).all()
    assert made["grade"].to_pylist() == grades[order].tolist()
    seconds = sorted(times)[1]
    print(f"| OpenFisca-Core {version('openfisca-core')}，内存中 | {seconds:.2f} | {len(rules) / seconds:,.0f} |")


if __name__ == "__main__":
    main()
