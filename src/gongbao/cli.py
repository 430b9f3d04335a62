"""`gongbao`: packs, decisions, cases, deadlines, gazettes and checks from the command line.

JSON on stdout with --json, a table or text otherwise; errors on stderr with exit 1 (2 for a wrong command line). The
shapes are a contract: docs/reference/cli.md. Heavy modules are imported only by the command that needs them.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gongbao.cli_draft import draft
from gongbao.cli_output import plain, print_json, print_table, time_text
from gongbao.cli_status import gazette_status
from gongbao.cli_tables import gazette_tables

if TYPE_CHECKING:
    from gongbao.engine.world import World
    from gongbao.gazette.library import Gazette

app = typer.Typer(
    name="gongbao",
    help="读公报，把规范性文件变成政策包，在政策包上办理城市的工作。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
pack_app = typer.Typer(help="政策包：列出、查看、格式、画成 DMN 模型。", no_args_is_help=True)
case_app = typer.Typer(help="办件：由事件重放状态。", no_args_is_help=True)
gazette_app = typer.Typer(help="公报：读成文件与条款。", no_args_is_help=True)
receipt_app = typer.Typer(help="判定凭据：核对。", no_args_is_help=True)
app.add_typer(pack_app, name="pack")
app.add_typer(case_app, name="case")
app.add_typer(gazette_app, name="gazette")
app.add_typer(receipt_app, name="receipt")

MAX_INPUT = 50_000_000  # bytes of a facts, events or settings file

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]
Packs = Annotated[
    Path | None, typer.Option("--packs", help="政策包根目录；缺省取环境变量 GONGBAO_PACKS，再取自带的 packs")
]
Gazettes = Annotated[Path, typer.Option("--gazettes", help="公报（文本、HTML、DOCX、带文字层的 PDF）所在文件夹")]
On = Annotated[str | None, typer.Option("--on", help="哪一天（年-月-日）：有几个版本时据此取有效的；缺省取最新的")]
PackOrAll = Annotated[
    str | None, typer.Argument(metavar="[PACK]", help="政策包，或其文件夹，或装有政策包的文件夹；缺省为全部")
]
PackId = Annotated[str, typer.Argument(metavar="PACK", help="政策包，如 langfang/heavy-pollution，或一个政策包文件夹")]


class Failure(Exception):
    """Something the user can put right: told on stderr, exit 1. `details` goes out as JSON with --json."""

    def __init__(self, text: str, details: Any = None) -> None:
        super().__init__(text)
        self.details = details


def main() -> NoReturn:
    """The entry point: every error of the input is one message, never a traceback."""
    try:
        app(prog_name="gongbao")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as e:
        if not _is_of_the_input(e):
            raise
        _fail(str(e))
    sys.exit(0)


def _is_of_the_input(error: Exception) -> bool:
    from gongbao.dmn import DmnError
    from gongbao.feel.errors import FeelError
    from gongbao.gazette.text import GazetteError
    from gongbao.policy.errors import PackError

    return isinstance(error, (Failure, PackError, GazetteError, FeelError, DmnError))


def _fail(text: str) -> NoReturn:
    print(f"错误：{text}", file=sys.stderr)
    sys.exit(1)


# -------------------------------------------------------------------------------------------------------------- pack


@pack_app.command("list")
def pack_list(packs: Packs = None, as_json: Json = False) -> None:
    """列出全部政策包；有不能用的，说明原因，退出码为 1。"""
    from gongbao.policy.errors import PackError
    from gongbao.policy.loader import find_packs, load_folder, pack_hash, read_pack

    rows = []
    for found in find_packs(_root(packs)):
        row: dict[str, Any] = {"id": found.id, "label": found.label, "version": pack_hash(found.folder)}
        try:
            document = read_pack(found.folder).document
            load_folder(found.folder)
        except PackError as e:
            row |= {"error": f"{len(e.problems)} 处错误：{e.problems[0]}"}
        else:
            row |= {
                "number": document.number,
                "title": document.title,
                "issuer": document.issuer,
                "in_force": {"from": document.in_force.from_, "until": document.in_force.until},
                "certified_by": document.review.certified_by,
                "error": None,
            }
        rows.append(row)
    if as_json:
        print_json(rows)
    else:
        shown = [
            [r["id"], r.get("number", ""), r.get("title", r.get("error", "")), r["version"][:12]]
            for r in rows
        ]  # fmt: skip
        print_table(["政策包", "文号", "标题", "版本"], shown)
    if any(r["error"] for r in rows):
        raise typer.Exit(1)


@pack_app.command("show")
def pack_show(pack: PackId, packs: Packs = None, on: On = None, as_json: Json = False) -> None:
    """一个政策包的内容：事实与事件的 JSON Schema，判定、流程的编号。"""
    from gongbao.policy.loader import pack_hash, read_source
    from gongbao.policy.publish import published

    source = read_source(_folder(pack, packs, on))
    shape = published(source.pack, pack_hash(source.folder))
    if as_json:
        print_json(shape)
        return
    document = shape["document"]
    print(f"{document['title']}（{document['number']}）\n{document['issuer']}　{document['dated']}")
    print(shape["certificate"])
    print_table(["判定", "名称", "依据", "结果"], [
        [d["id"], d["label"], d["cite"], "、".join(d["outputs"])] for d in shape["decisions"]
    ])  # fmt: skip
    print_table(["流程", "名称", "环节"], [
        [p["id"], p["label"], "、".join(s["label"] for s in p["steps"])] for p in shape["procedures"]
    ])  # fmt: skip
    print_table(["清单", "名称", "行数"], [[r["id"], r["label"], r["rows"]] for r in shape["registers"]])


@pack_app.command("schema")
def pack_schema() -> None:
    """政策包各文件的 JSON Schema。"""
    from gongbao.policy.publish import file_schemas

    print_json(file_schemas())


@pack_app.command("dmn")
def pack_dmn(
    pack: PackId,
    output: Annotated[Path | None, typer.Option("--output", help="写到这个文件；缺省为标准输出")] = None,
    packs: Packs = None,
    on: On = None,
) -> None:
    """把政策包的判定画成一个 DMN 1.5 模型（XML，带图）；画不成的判定及原因写在标准错误。"""
    from gongbao.dmn import xml
    from gongbao.policy.drawing import drawn

    drawing = drawn(_world(pack, packs, on, None))
    made = xml.write(drawing.model)
    if output is None:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    else:
        _write(output, made)
    for decision, reason in drawing.refused.items():
        print(f"没有画出 {decision}：{reason}", file=sys.stderr)


# ------------------------------------------------------------------------------------------------------------ decide


@app.command()
def decide(
    pack: PackId,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="判定的编号")],
    facts: Annotated[str, typer.Option("--facts", help="事实的 JSON 文件，- 为标准输入；键为编号或名称")],
    on: Annotated[str | None, typer.Option("--on", help="判定之日（年-月-日）：据此取有效版本，也是 as_of")] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="设置的 JSON 文件；各单位自填的可写成 {设置: {单位: 值}}")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="由哪个单位作此判定：取它自己填的设置")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """作一次判定：结果或候选、要问的事实、依据和版本。"""
    from gongbao.engine.decision.decide import decide as decide_one
    from gongbao.engine.decision.trace import as_dict, explain
    from gongbao.engine.fact import read_facts
    from gongbao.engine.receipt import make_receipt

    world = _world(pack, packs, on, settings)
    _known(decision, world.decisions, "判定")
    if unit is not None:
        _known(unit, {name: each for each in world.units.units.values() for name in each.names}, "单位")
    given = _mapping(_read_json(facts), "事实")
    read = _or_fail(lambda: read_facts(world.facts, given))
    as_of = _day_start(on) if on else None
    outcome = _or_fail(lambda: decide_one(world, decision, read, as_of=as_of, unit=unit))
    if as_json:
        shown = {**as_dict(outcome), "certificate": _certificate(world), "out_of_force": _out_of_force(world, as_of)}
        print_json({**shown, "receipt": make_receipt(world, outcome, read).to_dict()})
        return
    print(explain(outcome))
    print(f"{world.document['title']}（{world.document['number']}），版本 {world.version[:12]}，{_certificate(world)}")
    _warn(_out_of_force(world, as_of))


def _out_of_force(world: World, at: dt.datetime | None) -> str | None:
    """Said of a day on which the document did not yet hold or holds no more; what comes out is a reading only."""
    from gongbao.engine.case.options import may_open

    return (may_open(world, at) or None) if at is not None else None


def _warn(said: str | None) -> None:
    if said:
        print(f"注意：{said}")


# -------------------------------------------------------------------------------------------------------------- case


@case_app.command("replay")
def case_replay(
    pack: PackId,
    procedure: Annotated[str, typer.Argument(metavar="PROCEDURE", help="流程的编号")],
    events: Annotated[str, typer.Option("--events", help="事件的 JSON 文件（列表），- 为标准输入")],
    now: Annotated[str, typer.Option("--now", help="此刻，如 2023-02-03T17:05（北京时间）")],
    settings: Annotated[Path | None, typer.Option("--settings", help="设置的 JSON 文件")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """由事件重放一个办件：环节、时限与到期、任务、此时可办的动作。"""
    from gongbao.engine.case import possible, replay, state_to_dict
    from gongbao.policy.events import problems_of, read_events
    from gongbao.policy.times import moment

    at = _or_fail(lambda: moment(now))
    world = _world(pack, packs, at.date().isoformat(), settings)
    _known(procedure, world.procedures, "流程")
    raw = _read_json(events)
    if not isinstance(raw, list):
        raise Failure("事件文件应是一个列表，每项是一个事件（映射）")
    read = read_events(world, procedure, raw)
    state = _or_fail(lambda: replay(world, procedure, read.events, at))
    options = _or_fail(lambda: possible(world, state, read.events, None, at))
    problems = _or_fail(lambda: problems_of(world, state, read, at))
    if as_json:
        shown = {**state_to_dict(state, options, labels=world.labels), "problems": [p.as_dict() for p in problems]}
        head = {"pack": world.pack, "version": world.version, "now": at, "out_of_force": _out_of_force(world, at)}
        print_json({**head, **shown})
        return
    status = "已办结" if state.closed_at else "、".join(s.label for s in state.steps) or "未立案"
    print(f"{world.procedures[procedure].label}：{status}")
    print_table(["时限", "到期", "状态", "依据"], [
        [d.label, time_text(d.due), _STATUS.get(d.status, d.status), d.cite] for d in state.deadlines
    ])  # fmt: skip
    print_table(["任务", "单位", "状态", "依据"], [
        [t.do, t.unit, _STATUS.get(t.status, t.status), t.cite] for t in state.tasks
    ])  # fmt: skip
    print_table(["可办的动作", "由谁", "现在"], [
        [o.label, "、".join(o.who), "可以" if o.allowed else o.why_not] for o in options
    ])  # fmt: skip
    for problem in problems:
        _warn(str(problem))
    _warn(_out_of_force(world, at))


# --------------------------------------------------------------------------------------------------------------- due


@app.command("due")
def due_command(
    start: Annotated[str, typer.Option("--from", help="起算时间，如 2023-01-20T22:30；只写日期则只知道那一天")],
    limit: Annotated[str, typer.Option("--limit", help="时限，如 '3 working days'、'2 hours'、'5个工作日'")],
    kind: Annotated[str, typer.Option("--kind", help="period 期限 | wait 等待 | lead 提前量 | right 权利")] = "period",
    pack: Annotated[str | None, typer.Option("--pack", help="时限所属的政策包：说明它在起算之日是否施行")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """一个时限何时到期，怎么数的。"""
    from gongbao.engine.time.calendar import default_calendar
    from gongbao.engine.time.counting import due
    from gongbao.policy.times import moment, start_of

    if kind not in ("period", "wait", "lead", "right"):
        raise Failure(f"--kind 只能是 period、wait、lead、right，现为“{kind}”")
    begin = _or_fail(lambda: start_of(start))
    made = _or_fail(lambda: due(limit, begin, default_calendar(), kind))  # type: ignore[arg-type]
    said = None
    if pack is not None:
        day = moment(begin)
        said = _out_of_force(_world(pack, packs, day.date().isoformat(), None), day)
    if as_json:
        print_json({"from": begin, "limit": limit, "kind": kind, "due": made.at, "explain": made.explain,
                     "pack": pack, "out_of_force": said})  # fmt: skip
        return
    print(f"{time_text(made.at)}\n{made.explain}")
    _warn(said)


# ----------------------------------------------------------------------------------------------------------- gazette


@gazette_app.command("read")
def gazette_read(
    file: Annotated[
        Path, typer.Argument(metavar="PATH", help="公报文件（文本、HTML、DOCX、带文字层的 PDF）或其文件夹")
    ],
    as_json: Json = False,
    full: Annotated[bool, typer.Option("--full", help="连同条款原文、表、引用和矛盾之处，一律 JSON，每期一行")] = False,
) -> None:
    """把公报读成文件：文号、标题、发文机关、日期、行号。给文件夹时逐期读出，--json 每期一行。"""
    from gongbao.gazette.library import files_of, read_file, to_json

    for each in files_of(file):
        gazette = read_file(each)
        if full:
            print(json.dumps(to_json(gazette, full=True), ensure_ascii=False))
        else:
            _show_gazette(gazette, as_json, whole=file.is_file())


def _show_gazette(gazette: Gazette, as_json: bool, whole: bool) -> None:
    from gongbao.gazette.library import in_force_json

    for warning in gazette.warnings:
        print(warning, file=sys.stderr)
    rows: list[dict[str, Any]] = [
        {
            "number": d.number,
            "title": d.title,
            "heading": d.heading,
            "issuer": d.issuer,
            "addressees": d.addressees,
            "dated": d.dated,
            "in_force": in_force_json(d),
            "disclosure": d.disclosure,
            "lines": [d.first, d.last],
            "digest": d.digest,
            "parts": [plain(p) for p in d.parts],
            "attachments": [plain(a) for a in d.attachments],
        }
        for d in gazette.documents
    ]
    if as_json:
        said = {"file": gazette.name, "encoding": gazette.encoding, "digest": gazette.digest,
                "line_count": gazette.line_count, "warnings": gazette.warnings, "documents": rows}  # fmt: skip
        if whole:
            print_json(said)
        else:
            print(json.dumps(said, ensure_ascii=False, default=str))
        return
    if not whole:
        print(gazette.name)
    print_table(["文号", "标题", "发文机关", "日期", "行"], [
        [r["number"] or "", r["title"], r["issuer"], r["dated"] or "", f"{r['lines'][0]}-{r['lines'][1]}"] for r in rows
    ])  # fmt: skip


# --------------------------------------------------------------------------------------------- check, verify, coverage


@app.command()
def check(
    pack: PackOrAll = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """检查政策包：格式、名字、每条规则与门槛的样例、环节、重叠与空缺。有错误时退出码为 1。"""
    from gongbao.policy.check import check_folder

    reports = [check_folder(folder) for folder in _folders(pack, packs)]
    wrong = any(r.errors for r in reports)
    if as_json:
        print_json([r.as_dict() for r in reports])
    else:
        for report in reports:
            for problem in report.problems:
                mark = "" if problem.level == "error" else "（提醒）"
                print(f"{report.pack}/{problem}{mark}")
            summary = f"{report.examples} 个样例，{report.rules} 条规则，{report.thresholds} 个门槛"
            print(f"{report.pack}：{'未通过' if report.errors else '通过'}，{len(report.errors)} 处错误，"
                  f"{len(report.warnings)} 处提醒；{summary}")  # fmt: skip
    if wrong:
        raise typer.Exit(1)


@app.command()
def verify(
    gazettes: Gazettes,
    pack: PackOrAll = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """与公报核对：每处引用都有那一条，每个数字都照印，清单逐行相同。有不符时退出码为 1。"""
    from gongbao.policy.errors import PackError
    from gongbao.policy.loader import read_source
    from gongbao.policy.verify import read_gazettes, unreadable
    from gongbao.policy.verify import verify as verify_one

    printed = read_gazettes(gazettes)
    results = []
    for folder in _folders(pack, packs):
        try:
            results.append(verify_one(read_source(folder), printed))
        except PackError as e:
            results.append(unreadable(_id(folder), e))
    if as_json:
        print_json([r.as_dict() for r in results])
    else:
        for result in results:
            for problem in result.problems:
                print(f"{result.pack}/{problem}")
            print(f"{result.pack}：{'相符' if result.verified else '不符'}，引用 {result.citations} 处，数字 "
                  f"{result.figures} 个，清单 {result.rows} 行，隐含 {len(result.implied)} 处，"
                  f"编写人所加 {len(result.added)} 处，不符 {len(result.problems)} 处")  # fmt: skip
    if not all(r.verified for r in results):
        raise typer.Exit(1)


@app.command()
def coverage(pack: PackId, gazettes: Gazettes, packs: Packs = None, as_json: Json = False) -> None:
    """文件里还没有规则站立其上的条款和数字。"""
    from gongbao.policy.coverage import coverage as cover
    from gongbao.policy.loader import read_source
    from gongbao.policy.verify import read_gazettes

    result = cover(read_source(_folder(pack, packs, None)), read_gazettes(gazettes))
    if as_json:
        print_json(result.as_dict())
        return
    print(f"条款 {result.clauses} 条，覆盖 {result.clause_share}%（其中声明不成规则 {result.set_aside} 条）")
    for cite, begins in result.open_clauses:
        print(f"  未覆盖 {cite}：{begins}…")
    print(f"数字 {result.figures} 个，用到 {result.figure_share}%")
    for cite, figure in result.open_figures:
        print(f"  未用 {cite}：{figure}")


# ------------------------------------------------------------------------------------------------------------- batch


@app.command()
def batch(
    pack: PackId,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="判定的编号（须 columns: true）")],
    source: Annotated[
        Path,
        typer.Option("--input", help="Parquet 文件（或一个文件夹的 Parquet 文件），一行一例，列名为事实的编号或名称"),
    ],
    target: Annotated[Path, typer.Option("--output", help="写出的 Parquet 文件（或文件夹）")],
    engine: Annotated[str, typer.Option("--engine", help="计算用的引擎：duckdb、postgres 或 spark")] = "duckdb",
    any_order: Annotated[bool, typer.Option("--any-order", help="不保持行的次序，占内存更少")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="输入是文件夹时，跳过前次已写完的文件")] = False,
    on: Annotated[str | None, typer.Option("--on", help="判定之日（年-月-日）")] = None,
    settings: Annotated[Path | None, typer.Option("--settings", help="设置的 JSON 文件")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """对一张表逐行作同一判定，写出结果、命中的规则和状态。"""
    try:
        from gongbao.batch.run import BatchError, run_parquet
    except ImportError as e:
        raise Failure(f"成批判定需要安装 gongbao[batch]（缺 {e.name}）") from None
    world = _world(pack, packs, on, settings)
    _known(decision, world.decisions, "判定")
    as_of = _day_start(on) if on else None
    try:
        summary = run_parquet(
            world, decision, source, target, as_of=as_of, engine=engine, ordered=not any_order, resume=resume,
            told=_progress if sys.stderr.isatty() else None,
        )  # fmt: skip
    except BatchError as e:
        raise Failure(str(e)) from None
    said = _out_of_force(world, as_of)
    if as_json:
        print_json({"pack": world.pack, "version": world.version, "decision": decision, "out_of_force": said,
                     **summary.as_dict()})  # fmt: skip
    else:
        told = "，".join(f"{k} {v}" for k, v in summary.told.items())
        print(f"{summary.rows} 行：{told}；用时 {summary.seconds:.1f} 秒")
        print_table(["结果", "行数"], [[k, v] for k, v in summary.outcomes.items()])
        _warn(said)
    if summary.invalid:
        more = summary.status["invalid"] - len(summary.invalid)
        lines = [*summary.invalid, *([f"另有 {more} 行"] if more else [])]
        raise Failure(f"{summary.status['invalid']} 行的数据有误，已在输出中标为 invalid：\n  " + "\n  ".join(lines))


def _progress(share: float, file: str) -> None:
    print(f"\r{share:4.0%} {file}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)


app.command()(draft)
gazette_app.command("tables")(gazette_tables)
gazette_app.command("status")(gazette_status)


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="只做一轮就停")] = False,
) -> None:
    """办公系统的后台：到期提醒、两台之间的交换、日终摘要（需要 gongbao\\[office]）。"""
    from gongbao.office.__main__ import run

    run(["worker", *(["--once"] if once else [])])


# ----------------------------------------------------------------------------------------------------------- receipt


@receipt_app.command("verify")
def receipt_verify(
    file: Annotated[str, typer.Argument(metavar="FILE", help="判定凭据的 JSON 文件，- 为标准输入")],
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """按凭据重新计算一次，核对结果与版本。不符时退出码为 1。"""
    from gongbao.engine.receipt import receipt_from, verify_receipt

    raw = _mapping(_read_json(file), "凭据")
    held = raw.get("receipt", raw)  # the output of `decide --json` holds its receipt
    pack = held.get("pack") if isinstance(held, dict) else None
    if not isinstance(pack, str):
        raise Failure("凭据里没有 pack（政策包）")
    world = _receipt_world(pack, str(held.get("version", "")), packs)
    receipt = _or_fail(lambda: receipt_from(held))
    differences = _or_fail(lambda: verify_receipt(receipt, world))
    wrong = [d for d in differences if not d.erased]
    if as_json:
        print_json({"ok": not wrong, "pack": world.pack, "version": world.version,
                     "decision": receipt.decision, "differences": [plain(d) for d in differences]})  # fmt: skip
    else:
        word = "不符" if wrong else "其余相符" if differences else "相符"
        print(f"{word}：{receipt.pack} {receipt.decision}，版本 {receipt.version[:12]}")
        for difference in differences:
            print(f"  {difference}")
    if wrong:
        raise typer.Exit(1)


# ------------------------------------------------------------------------------------------------------------- words


_STATUS = {
    "waiting": "等待中", "running": "进行中", "met": "已按时", "met_late": "逾期完成", "overdue": "已逾期",
    "lapsed": "已失效", "cancelled": "已取消", "unset": "时限未设置", "paused": "已暂停", "issued": "待签收",
    "received": "已签收",
    "feedback": "已反馈", "verified": "已核查", "returned": "已退回", "done": "已办结",
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- input


def _root(packs: Path | None) -> Path:
    from gongbao.policy.loader import packs_root

    root = packs_root(packs, os.environ)
    if not root.is_dir():
        raise Failure(f"没有政策包根目录：{root}（用 --packs 或环境变量 GONGBAO_PACKS 指明）")
    return root


def _folder(pack: str, packs: Path | None, on: str | None) -> Path:
    """The folder of a pack named by id, or by its folder."""
    from gongbao.policy.loader import in_force

    path = Path(pack)
    if (path / "document.yaml").is_file() or path.is_absolute() or pack.startswith("."):
        return path
    return in_force(_root(packs), pack, _day(on) if on else None).folder


def _folders(pack: str | None, packs: Path | None) -> list[Path]:
    from gongbao.policy.loader import find_packs

    root = Path(pack) if pack is not None and _holds_packs(Path(pack)) else None
    if pack is not None and root is None:
        return [_folder(pack, packs, None)]
    root = root or _root(packs)
    found = [f.folder for f in find_packs(root)]
    if not found:
        raise Failure(f"{root} 里没有政策包")
    return found


def _holds_packs(folder: Path) -> bool:
    """A root of packs (packs/), not a pack (packs/x/y), which may be given as well."""
    return not (folder / "document.yaml").is_file() and any(folder.glob("*/*/document.yaml"))


def _id(folder: Path) -> str:
    whole = folder.resolve()
    return f"{whole.parent.name}/{whole.name.partition('@')[0]}"


def _write(path: Path, data: bytes) -> None:
    """The whole file under its name, or none: an earlier one of that name stands until then."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as e:
        beside.unlink(missing_ok=True)
        raise Failure(f"{path}：写不进（{e.strerror}）") from None


def _world(pack: str, packs: Path | None, on: str | None, settings: Path | None) -> World:
    from gongbao.policy.loader import load_folder
    from gongbao.policy.settings import with_settings

    world = load_folder(_folder(pack, packs, on))
    if settings is None:
        return world
    values = _mapping(_read_json(str(settings)), "设置")
    filled: World = _or_fail(lambda: with_settings(world, values))
    return filled


def _certificate(world: World) -> str:
    from gongbao.policy.publish import UNCERTIFIED

    return f"由 {world.certified_by} 审定" if world.certified_by else UNCERTIFIED


def _receipt_world(pack: str, version: str, packs: Path | None) -> World:
    """The version a receipt was made on if its folder is there, else the newest (the verification then says so)."""
    from gongbao.policy.loader import find_packs, load_folder, pack_hash

    folders = [f.folder for f in find_packs(_root(packs)) if f.id == pack]
    if not folders:
        raise Failure(f"没有这个政策包：{pack}")
    return load_folder(next((f for f in folders if pack_hash(f) == version), folders[-1]))


def _known(name: str, known: Mapping[str, Any], kind: str) -> None:
    if name not in known:
        raise Failure(f"没有“{name}”这个{kind}；有：{'、'.join(known) or '无'}")


def _read_json(name: str) -> Any:
    """JSON with exact decimals, from a file or standard input."""
    from decimal import Decimal, InvalidOperation

    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_INPUT + 1)
        else:
            path = Path(name)
            if not path.is_file():
                raise Failure(f"没有这个文件：{name}")
            data = path.read_bytes() if path.stat().st_size <= MAX_INPUT else b" " * (MAX_INPUT + 1)
        if len(data) > MAX_INPUT:
            raise Failure(f"{name}：文件过大，上限 {MAX_INPUT:,} 字节")
        return json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant,
                          object_pairs_hook=_no_duplicates)  # fmt: skip
    except UnicodeDecodeError:
        raise Failure(f"{name}：不是 UTF-8 文本") from None
    except json.JSONDecodeError as e:
        raise Failure(f"{name}：不是正确的 JSON（第 {e.lineno} 行第 {e.colno} 列）") from None
    except RecursionError:
        raise Failure(f"{name}：嵌套过深") from None
    except (ValueError, InvalidOperation):  # a number of more digits than Python takes
        raise Failure(f"{name}：其中有一个数太长") from None
    except OSError as e:
        raise Failure(f"{name}：读不出（{e.strerror}）") from None


def _no_constant(text: str) -> NoReturn:
    raise Failure(f"JSON 里不允许 {text}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Failure(f"JSON 里“{key}”写了两次")
        made[key] = value
    return made


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Failure(f'{what}文件应是一个映射（JSON 对象），如 {{"名称": 值}}')
    return value


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Failure(f"日期应写作 2023-02-03，现为“{text}”") from None


def _day_start(text: str) -> dt.datetime:
    from gongbao.policy.times import moment

    return moment(_day(text))


def _or_fail(work: Any) -> Any:
    """What the engine refuses about the user's input is a message, not a traceback."""
    from gongbao.engine.errors import CaseError

    try:
        return work()
    except KeyError as e:
        raise Failure(str(e.args[0]) if e.args else str(e)) from None
    except (CaseError, LookupError, ValueError) as e:
        raise Failure(str(e)) from None


# ------------------------------------------------------------------------------------------------------------ output
