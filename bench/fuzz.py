"""What comes of hostile input, for as long as one likes: ``python bench/fuzz.py SECONDS [--seed N]``.

Texts of FEEL, cells, DMN files, packs, and files for the command line are made from seeds (the makers are those of the
tests), and put to work in child processes that may have one gibibyte and, per case, ten seconds. Prints how many were run
and how they ended, the slowest, the largest memory, and each crash with the seed that makes it again; exit code 1 when
there was one.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 1 << 30
SECONDS = 10
SLICE = 20  # of the run, per child


class TooSlow(BaseException):
    pass


class Foreign(Exception):
    """Generated Python holds something that is not ours."""


def feel(chance: Random) -> str:
    from tests.feel import hostile

    from gongbao.feel import FeelError, compile_expression

    text, scope = hostile.text(chance), hostile.scope(chance)
    try:
        compiled = compile_expression(text, chance.choice(((), hostile.NAMES)), strict=False)
        if found := hostile.foreign(compiled):
            raise Foreign(str(found))
        compiled.evaluate(scope)
    except FeelError:
        return "refused"
    return "a value"


def greedy(chance: Random) -> str:
    from tests.feel import hostile

    from gongbao.feel import FeelError, compile_expression

    try:
        compile_expression(hostile.greedy(chance), strict=False).evaluate({})
    except FeelError:
        return "refused"
    return "a value"


def cells(chance: Random) -> str:
    from tests.feel import hostile

    from gongbao.feel import FeelError, compile_unary_tests

    text, scope = hostile.cell(chance), hostile.scope(chance)
    try:
        compiled = compile_unary_tests(text, strict=False)
        if found := hostile.foreign(compiled):
            raise Foreign(str(found))
        compiled.evaluate(chance.choice(hostile.VALUES), scope)
    except FeelError:
        return "refused"
    return "a value"


def dmn(chance: Random) -> str:
    from tests.dmn import hostile
    from tests.feel.hostile import VALUES

    from gongbao.dmn import xml
    from gongbao.dmn.errors import DmnError
    from gongbao.dmn.model import Model

    try:
        model = Model(xml.read(hostile.text(chance)))
    except DmnError:
        return "refused"
    xml.read(xml.write(model.root))
    model.compile()
    inputs = {name: chance.choice(VALUES) for name in model.inputs}
    for name in model.decisions:
        _tried(lambda name=name: model.evaluate(name, inputs), DmnError)
    for name in model.functions:
        _tried(lambda name=name: model.call(name, {"x": 1, "a": chance.choice(VALUES)}), DmnError)
    return "a value"


def packs(chance: Random) -> str:
    from tests.policy import hostile
    from tests.policy.conftest import VALID

    from gongbao.engine.decision.decide import judge
    from gongbao.engine.fact import FactErrors
    from gongbao.policy.check import check
    from gongbao.policy.compile import compile_pack
    from gongbao.policy.errors import PackError
    from gongbao.policy.source import read_source
    from gongbao.policy.yaml_core import parse

    if chance.random() < 0.2:
        return "refused" if parse(hostile.yaml_text(chance), "a.yaml").problems else "a value"
    folder = _city() / "parking"
    changed = hostile.overlay(chance, VALID)
    try:
        for name, text in changed.items():
            (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
        source = read_source(folder)
        world = compile_pack(source)
        if chance.random() < 0.1:
            check(source)
        for name in world.decisions:
            _tried(lambda name=name: judge(world, name, hostile.facts(chance, list(world.facts))), FactErrors)
    except PackError:
        return "refused"
    finally:
        for name in changed:
            shutil.copy(VALID / name, folder / name)
    return "a value"


def files(chance: Random) -> str:
    from tests.policy import hostile
    from tests.policy.conftest import PACKS

    from gongbao.cli import main

    path = _city() / "input.json"
    path.write_bytes(hostile.json_text(chance))
    sys.argv = chance.choice((
        ["gongbao", "decide", "shili/parking", chance.choice(("level", "charge", "kind")), "--facts", str(path), "--json"],
        ["gongbao", "case", "replay", "shili/parking", "clearing", "--events", str(path), "--now", "2023-04-02T08:00"],
        ["gongbao", "receipt", "verify", str(path)],
        ["gongbao", "batch", "shili/parking", "level", "--input", str(path), "--output", str(path) + ".out"],
    ))  # fmt: skip
    os.environ["GONGBAO_PACKS"] = str(PACKS / "valid")
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as stopped:
        if "Traceback" in err.getvalue() or "gongbao 的错误" in err.getvalue():
            raise RuntimeError(err.getvalue()[-500:]) from None
        return "refused" if stopped.code else "a value"
    return "a value"


KINDS: dict[str, Callable[[Random], str]] = {
    "feel": feel,
    "greedy": greedy,
    "cells": cells,
    "dmn": dmn,
    "packs": packs,
    "files": files,
}
_made: list[Path] = []


def _city() -> Path:
    """A city of packs of the child's own."""
    if not _made:
        from tests.policy.conftest import VALID

        _made.append(Path(tempfile.mkdtemp(prefix="gongbao-fuzz-")) / "shili")
        shutil.copytree(VALID.parent, _made[0])
    return _made[0]


def _tried(run: Callable[[], object], *allowed: type[Exception]) -> None:
    with suppress(*allowed):
        run()


def child(kind: str, seed: int, seconds: float, place: str) -> None:
    """Runs seeds of a kind until the time is over; tells as JSON what came of them."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 60, int(seconds) + 60))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")

    def late(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGPROF, late)
    ends: collections.Counter[str] = collections.Counter()
    crashes: dict[str, tuple[int, str]] = {}
    slowest = (0.0, seed)
    largest = (0, seed)
    until = time.monotonic() + seconds
    with open(place, "w") as note:
        while time.monotonic() < until:
            os.pwrite(note.fileno(), b"%020d" % seed, 0)
            began = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                ends[KINDS[kind](Random(f"{kind} {seed}"))] += 1
            except (Exception, TooSlow) as error:
                signal.setitimer(signal.ITIMER_PROF, 0)
                ends["crash"] += 1
                told = "".join(traceback.format_exception(error)[-2:]).strip()[-600:]
                crashes.setdefault(f"{type(error).__name__}: {str(error)[:60]}", (seed, told))
            signal.setitimer(signal.ITIMER_PROF, 0)
            slowest = max(slowest, (round(time.process_time() - began, 2), seed))
            largest = max(largest, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, -seed))
            seed += 1
    if _made:
        shutil.rmtree(_made[0].parent)
    told_ = {
        "ends": ends,
        "crashes": crashes,
        "slowest": slowest,
        "largest": (largest[0], abs(largest[1])),
        "next": seed,
    }
    print("\n" + json.dumps(told_))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS, help="this kind alone")
    parser.add_argument("--child", metavar="PLACE", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        sys.path[:0] = [str(ROOT), str(ROOT / "src")]
        child(given.kind, given.seed, given.seconds, given.child)
        return 0
    kinds = [given.kind] if given.kind else list(KINDS)
    seeds = dict.fromkeys(kinds, given.seed)
    totals = {kind: {"ends": collections.Counter(), "slowest": (0.0, 0), "largest": (0, 0)} for kind in kinds}
    crashes: dict[tuple[str, str], tuple[int, str]] = {}
    share = given.seconds / len(kinds)
    for kind in kinds:
        left = share
        while left > 0:
            began = time.monotonic()
            with tempfile.NamedTemporaryFile() as note:
                command = [sys.executable, __file__, str(min(left, SLICE)), "--seed", str(seeds[kind]), "--kind", kind]
                done = subprocess.run([*command, "--child", note.name], capture_output=True, text=True)
                try:
                    told = json.loads(done.stdout.strip().rpartition("\n")[2])
                except ValueError:  # it died
                    seed = int(note.read() or b"0")
                    totals[kind]["ends"]["crash"] += 1
                    crashes.setdefault((kind, f"exit {done.returncode}"), (seed, done.stderr[-600:]))
                    seeds[kind] = seed + 1
                else:
                    seeds[kind] = told["next"]
                    totals[kind]["ends"].update(told["ends"])
                    for what in ("slowest", "largest"):
                        totals[kind][what] = max(totals[kind][what], tuple(told[what]))
                    for name, crash in told["crashes"].items():
                        crashes.setdefault((kind, name), tuple(crash))
            left -= time.monotonic() - began
    print("| made | run | a value | refused | slowest, CPU seconds (seed) | largest memory, MB | crashes |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for kind, total in totals.items():
        ends, (slow, seed), (large, _) = total["ends"], total["slowest"], total["largest"]
        print(
            f"| {kind} | {ends.total():,} | {ends['a value']:,} | {ends['refused']:,} | {slow} ({seed}) | {large} | {ends['crash']} |"
        )
    for (kind, name), (seed, told) in crashes.items():
        print(f"\n{kind} seed {seed}: {name}\n{told}")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
