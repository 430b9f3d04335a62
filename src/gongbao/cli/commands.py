"""All commands of `gongbao`, each from its module. Heavy modules are imported only by the command that needs them."""

from __future__ import annotations

import typer

from gongbao.cli.batch import batch
from gongbao.cli.case import case_replay, due_command
from gongbao.cli.check import check, coverage, verify
from gongbao.cli.decide import decide, receipt_verify
from gongbao.cli.draft import draft
from gongbao.cli.gazette import gazette_read
from gongbao.cli.indicator import indicator_command
from gongbao.cli.office import worker
from gongbao.cli.pack import pack_dmn, pack_list, pack_schema, pack_show
from gongbao.cli.register import register_diff, register_show
from gongbao.cli.score import score_command
from gongbao.cli.simulate import simulate
from gongbao.cli.status import gazette_status
from gongbao.cli.tables import gazette_tables

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
register_app = typer.Typer(help="清单：各级行数、单位的份额、两版的差别。", no_args_is_help=True)
receipt_app = typer.Typer(help="判定凭据：核对。", no_args_is_help=True)
app.add_typer(pack_app, name="pack")
app.add_typer(case_app, name="case")
app.add_typer(gazette_app, name="gazette")
app.add_typer(register_app, name="register")
app.add_typer(receipt_app, name="receipt")

pack_app.command("list")(pack_list)
pack_app.command("show")(pack_show)
pack_app.command("schema")(pack_schema)
pack_app.command("dmn")(pack_dmn)
register_app.command("show")(register_show)
register_app.command("diff")(register_diff)
app.command()(decide)
app.command("indicator")(indicator_command)
app.command("score")(score_command)
case_app.command("replay")(case_replay)
app.command("due")(due_command)
gazette_app.command("read")(gazette_read)
app.command()(check)
app.command()(verify)
app.command()(coverage)
app.command()(batch)
app.command()(simulate)
app.command()(draft)
gazette_app.command("tables")(gazette_tables)
gazette_app.command("status")(gazette_status)
app.command()(worker)
receipt_app.command("verify")(receipt_verify)
