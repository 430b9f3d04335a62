"""`gongbao simulate`: two versions of a decision over one table - who changes, by how much, with examples and a picture."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongbao.cli.failure import Failure, or_fail
from gongbao.cli.finding import folder_of, out_of_force, with_day, world_of
from gongbao.cli.options import Json, PackId, Packs
from gongbao.cli.output import print_json, print_table, warn
from gongbao.cli.reading import day_start, known, mapping, read_json, write_whole

if TYPE_CHECKING:
    from gongbao.batch.whatif.result import Changed, Comparison, Matrix
    from gongbao.engine.world import World
    from gongbao.policy.variant import Change


def simulate(
    pack: PackId,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="判定的编号")],
    source: Annotated[
        Path,
        typer.Option("--input", help="数据：.parquet、.csv、.xlsx 或 .json，列名为事实的编号或名称；序列逐行给出读数"),
    ],
    other: Annotated[
        Path | None, typer.Option("--with", metavar="PACKDIR", help="与之比较的另一个版本的政策包文件夹")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="改动，可重复：params.名字=值 或 settings.名字=值")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="哪一列是每行的名称（企业名称、站点 …）")] = None,
    fixed: Annotated[
        list[str] | None, typer.Option("--fact", help="每行都相同的事实，可重复：编号=值；值空着即都不知道")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--output", help="把有改变的行写入这个 Parquet、XLSX 或 CSV 文件")
    ] = None,
    drawn: Annotated[Path | None, typer.Option("--picture", help="把图写入这个 SVG 文件")] = None,
    examples: Annotated[int, typer.Option("--examples", help="最多列几个例子")] = 10,
    on: Annotated[str | None, typer.Option("--on", help="判定之日（年-月-日）")] = None,
    settings: Annotated[Path | None, typer.Option("--settings", help="设置的 JSON 文件，两个版本都用")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """改一个数字或换一个版本，对同样的数据各判定一遍：谁变了、变了多少、为什么。"""
    from gongbao.policy.variant import read_changes, variant, with_pack

    if (other is None) == (not changes):
        raise Failure("写 --with（另一个版本的文件夹）或 --set（改动），二者取一")
    _may_write(source, target, drawn)
    before = world_of(pack, packs, on, settings)
    known(decision, before.decisions, "判定")
    made: tuple[Change, ...] = ()
    if other is not None:
        after = or_fail(lambda: with_pack(other, before))
        known(decision, after.decisions, "判定")
    else:
        folder = folder_of(pack, packs, on)
        after, made = or_fail(lambda: variant(folder, before, read_changes(changes or [])))
    words = [c.words() for c in made] or [f"换成 {other}"]
    found, changed = _run(before, after, decision, source, target, unit, fixed or [], on, examples)
    from gongbao.batch.whatif.compare import remarks

    noted = remarks(before, decision, {c.name: f"“{c.label}”" for c in made}, found.changed) if made else []
    if drawn is not None:
        from gongbao.batch.whatif.picture import picture

        write_whole(drawn, picture(found, words).encode())
    if target is not None and changed is not None:
        _write(target, before, after, decision, changed)
    said = out_of_force(before, day_start(on) if on else None)
    if as_json:
        print_json({
            "pack": before.pack, "before": before.version, "after": after.version if other is not None else None,
            "changes": [{"name": c.name, "before": c.before, "after": c.after, "unit": c.unit or None,
                         "cite": c.cite or None} for c in made],
            "remarks": noted, "out_of_force": said, **found.as_dict(),
        })  # fmt: skip
    else:
        _tell(found, words, before)
        for line in noted:
            print(line)
        warn(said)
    if found.wrong:
        more = found.wrong - len(found.invalid)
        lines = [*found.invalid, *([f"另有 {more} 行"] if more else [])]
        raise Failure(f"{found.wrong} 行的数据有误，没有判定：\n  " + "\n  ".join(lines))


def _run(
    before: World, after: World, decision: str, source: Path, target: Path | None, unit: str | None,
    fixed: Sequence[str], on: str | None, examples: int,
) -> tuple[Comparison, list[Changed] | None]:  # fmt: skip
    """The comparison, and the changed rows where they have yet to be written."""
    from gongbao.batch.whatif.compare import simulate as compare
    from gongbao.batch.whatif.rows import RecordsError, rows_of
    from gongbao.batch.whatif.spells import series_of

    for each in (before, after):
        with_day(each, decision, on)
    as_of = day_start(on) if on else None
    given = _facts(before, fixed)
    in_columns = all(w.decisions[decision].columns for w in (before, after)) and series_of(before, decision) is None
    suffix = source.suffix.lower()
    try:
        if suffix == ".parquet" and in_columns and not given and (target is None or target.suffix == ".parquet"):
            from gongbao.batch.whatif.parquet import simulate_parquet

            found = simulate_parquet(before, after, decision, source, target=target, name=unit, as_of=as_of,
                                     examples=examples, told=_progress if sys.stderr.isatty() else None)  # fmt: skip
            return found, None
        rows = rows_of(before, after, decision, _records(source), name=unit, fixed=given)
        return compare(before, after, decision, rows, as_of=as_of, examples=examples)
    except ImportError as e:
        raise Failure(f"这样的数据要安装 gongbao[batch,exchange]（缺 {e.name}）") from None
    except (RecordsError, ValueError) as e:
        raise Failure(str(e)) from None


def _records(source: Path) -> Iterable[Mapping[str, Any]]:
    """The rows of a file: column → value."""
    suffix = source.suffix.lower()
    if suffix == ".json":
        held = read_json(str(source))
        if not isinstance(held, list):
            raise Failure(f"{source}：应是一个列表，每项一行：[{{事实: 值}}, …]")
        return [mapping(each, "每一行的") for each in held]
    if not source.is_file():
        raise Failure(f"没有这个文件：{source}")
    if suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            rows: list[dict[str, Any]] = pq.read_table(source).to_pylist()
        except (pa.ArrowInvalid, OSError) as e:
            raise Failure(f"{source.name} 不是可读的 Parquet 文件：{(str(e).splitlines() or [''])[0][:200]}") from None
        return rows
    from gongbao.exchange.tables import TableError, read_table

    try:
        table = read_table(source.read_bytes(), source.name)
    except TableError as e:
        raise Failure(f"{source.name}：{e}") from None
    names = [h for h in table.header if h]
    return [{h: (each[h].text or None) if h in each else None for h in names} for each in table.records()]


def _facts(world: World, written: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in written:
        name, equals, value = each.partition("=")
        name = next((n for n, f in world.facts.items() if name.strip() in (n, f.label)), "")
        if not equals or not name:
            raise Failure(f"--fact 应写作 事实=值，现为“{each}”；事实用编号或名称")
        found[name] = value.strip() or None
    return found


def _may_write(source: Path, *targets: Path | None) -> None:
    for target in targets:
        if target is None:
            continue
        if not target.parent.is_dir():
            raise Failure(f"没有这个文件夹：{target.parent}")
        if target.resolve() == source.resolve():
            raise Failure("输出文件不能是输入文件本身")
    output, drawn = targets
    if output is not None and output.suffix.lower() not in (".parquet", ".xlsx", ".csv"):
        raise Failure(f"--output 写 .parquet、.xlsx 或 .csv，现为“{output.name}”")
    if drawn is not None and drawn.suffix.lower() != ".svg":
        raise Failure(f"--picture 写 .svg，现为“{drawn.name}”")


def _write(target: Path, before: World, after: World, decision: str, changed: Sequence[Changed]) -> None:
    import io

    from gongbao.batch.whatif.compare import changes_table

    header, rows = changes_table(before, after, decision, changed)
    suffix = target.suffix.lower()
    if suffix == ".xlsx":
        from gongbao.exchange.tables import write_xlsx

        write_whole(target, write_xlsx(header, rows, "改变的行"))
        return
    text = [["" if cell is None else _value(cell) for cell in row] for row in rows]
    if suffix == ".csv":
        import csv

        out = io.StringIO()
        csv.writer(out).writerows([header, *text])
        write_whole(target, out.getvalue().encode("utf-8-sig"))
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    held = io.BytesIO()
    pq.write_table(pa.table({h: pa.array([row[i] for row in text], pa.string()) for i, h in enumerate(header)}), held)
    write_whole(target, held.getvalue())


def _value(value: Any) -> str:
    from gongbao.engine.decision.trace import shown

    return "未填" if value is None else shown(value)


# ------------------------------------------------------------------------------------------------------------ telling


def _tell(found: Comparison, words: Sequence[str], world: World) -> None:
    from gongbao.batch.whatif.result import share

    print(f"{found.label}：{'；'.join(words)}")
    print(f"共 {found.rows} 行，结果改变 {found.changed} 行（{share(found.changed, found.rows)}%）")
    if found.reopened:
        print(f"  其中 {found.reopened} 行仍未定，只是可能的结果变了")
    for status, n in found.newly.items():
        print(f"  改后{'需人工判定' if status == 'needs_person' else '未定'}的 {n} 行")
    for each in found.outputs:
        if each.matrix is not None:
            _table(each.label, each.matrix, "行")
        moved = [(by, n) for by, n in each.differences if by]
        if moved:
            print_table([f"{each.label}的差", "行"], [[f"{by:+f}{each.unit}", n] for by, n in moved[:30]])
    if found.days is not None:
        _table("每天的级别", found.days, "天")
    if found.episodes:
        print_table(["过程", "原有", "改后"], [[level, b, a] for level, (b, a) in found.episodes.items()])
    for name, n in zip(("原来", "改后"), found.open_series, strict=True):
        if n:
            print(f"{name}有 {n} 条序列的过程不能确定，没有计入过程数")
    for example in found.examples:
        facts = "，".join(f"{world.labels.get(k, k)} {_short(v)}" for k, v in example.facts.items())
        print(f"第 {example.number} 行{'　' + example.name if example.name else ''}：{example.before['outcome']} → "
              f"{example.after['outcome']}（{_rules(example.before)} → {_rules(example.after)}）")  # fmt: skip
        print(f"    {facts}")
        for condition in example.conditions:
            print(f"    因为{condition.words()}")
        for reason in dict.fromkeys(filter(None, (example.after["reason"],))):
            print(f"    {reason}")


def _table(label: str, matrix: Matrix, unit: str) -> None:
    moved = f"，升 {matrix.up} 降 {matrix.down}" if matrix.ordered else ""
    print(f"{label}（{unit}）：原结果在左，改后在上；改变 {matrix.moved}{moved}")
    rows = [[name, *(n or "" for n in matrix.counts[i]), matrix.before[i]] for i, name in enumerate(matrix.outcomes)]
    print_table(["", *matrix.outcomes, "原计"], [*rows, ["改后计", *matrix.after, matrix.total]])


def _rules(told: Mapping[str, Any]) -> str:
    return "、".join(f"第{r['row']}条 {r['cite']}" for r in told["rules"]) or "没有确定的规则"


def _short(value: Any) -> str:
    text = _value(value)
    return text if len(text) <= 60 else text[:60] + "…"


def _progress(share_done: float) -> None:
    print(f"\r{share_done:4.0%}", end="\n" if share_done >= 1 else "", file=sys.stderr, flush=True)
