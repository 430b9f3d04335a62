"""`bin/up`: everything from nothing to a served duty desk, and in seconds when it is there already.

This process imports no Django: it looks whether anything changed since the last start, has each site made ready by a
process of its own where it did, starts the servers and workers, and waits. Three sites run side by side, the 12345 and
city office, the police desk (110) and the desk for drills (演练台), each with its own folder and database. The first two
share only the exchange table (中间库); the drill site reads accounts and settings of the first, and gives nothing back.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import http.cookiejar
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gongbao.office.progress import Teller

HERE = Path(__file__).resolve().parent
SRC = HERE.parents[1]
CHECKOUT = SRC.parent
HOST = "127.0.0.1"
PORT, PORT_110, PORT_DRILL = 8000, 8110, 8220
START_WITHIN = 60  # seconds for a server to answer
STOP_WITHIN = 8  # seconds for a child to end by itself


class Cannot(Exception):
    """Something that keeps the office from starting, told in Chinese."""


@dataclass
class Site:
    name: str  # 12345 | 110 | drill
    label: str
    home: Path
    port: int
    env: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/"


# ------------------------------------------------------------------------------------------------------- what is asked


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/up", description="启动公报政策办公系统：12345和市政府办公台、110台、演练台，各带后台进程。"
    )
    add = parser.add_argument
    add("gazettes", nargs="?", metavar="公报文件夹",
        help="公报（文本、PDF、DOCX、网页）所在文件夹；不写时用 ../shared/seeds，没有就生成一份示例公报")  # fmt: skip
    add("--empty", action="store_true", help="只装政策包和公报，不装演示数据（数据放在 var/empty）")
    add("--port", type=int, help=f"12345和市政府办公台的端口（默认 {PORT}）；110台用它加110，演练台加220")
    add("--home", metavar="文件夹", help="数据文件夹（默认为检出目录下的 var）")
    add("--check", action="store_true", help="用空闲端口启动，打开登录页和值班台后停止，打印用时")
    return parser.parse_args(arguments)


def free_port(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def any_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def ports(given: argparse.Namespace) -> tuple[int, ...]:
    """The ports of the sites. One asked for must be free; the usual ones give way to the next that is."""
    if given.check and given.port is None:
        return any_port(), any_port(), any_port()
    if given.port is not None:
        if not 1024 <= given.port <= 65000:
            raise Cannot(f"端口 {given.port} 不能用：须在 1024 到 65000 之间")
        wanted = (given.port, given.port + 110, given.port + 220)
        for port in wanted:
            if not free_port(port):
                raise Cannot(f"端口 {port} 已被占用。请先停掉占用它的程序，或另选：bin/up --port {port + 1000}")
        return wanted
    found = []
    for usual in (PORT, PORT_110, PORT_DRILL):
        port = next((p for p in range(usual, usual + 50) if free_port(p)), None)
        if port is None:
            raise Cannot(f"端口 {usual} 到 {usual + 49} 都被占用，请用 --port 指定一个空闲端口")
        if port != usual:
            say(f"端口 {usual} 已被占用，改用 {port}")
        found.append(port)
    return tuple(found)


def gazette_folder(given: str | None, home: Path) -> Path:
    """The folder asked for, else the shared seeds, else one small gazette that the project writes itself."""
    if given:
        folder = Path(given).expanduser().resolve()
        if not folder.is_dir():
            raise Cannot(f"公报文件夹“{given}”不存在或不是文件夹")
        return folder
    shared = Path(os.environ.get("GONGBAO_SHARED") or CHECKOUT.parent / "shared") / "seeds"
    if shared.is_dir():
        return shared.resolve()
    folder = home / "generated"
    file = folder / "shili.txt"
    if not file.exists():
        from gongbao.gazette.generate import generate

        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(generate(seed=1), encoding="utf-8")
        say(f"没有公报，已生成一份示例公报：{file}")
    return folder


def gazette_files(folder: Path) -> list[Path]:
    """What the office will read there: every format that a city publishes in."""
    from gongbao.gazette.formats import SUFFIXES

    return sorted(f for f in folder.glob("*") if f.suffix.lower() in SUFFIXES)


def sites(given: argparse.Namespace, home: Path, gazettes: Path, at: Sequence[int]) -> tuple[Site, ...]:
    demo = not given.empty
    exchange = os.environ.get("GONGBAO_EXCHANGE_URL") or f"sqlite:///{home / 'exchange.sqlite3'}"
    made = (
        Site("12345", "12345热线和市政府办公台", home, at[0]), Site("110", "110台", home / "110", at[1]),
        Site("drill", "演练台", home / "drill", at[2]),
    )  # fmt: skip
    for site in made:
        site.home.mkdir(parents=True, exist_ok=True)
        site.env = {
            **os.environ,
            "GONGBAO_HOME": str(site.home), "GONGBAO_SITE": site.name, "GONGBAO_DEMO": "1" if demo else "0",
            "GONGBAO_GAZETTES": str(gazettes), "GONGBAO_EXCHANGE_URL": exchange,
            "DJANGO_SETTINGS_MODULE": "gongbao.office.settings", "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(p for p in (str(SRC), os.environ.get("PYTHONPATH", "")) if p),
        }  # fmt: skip
        if site.env.pop("PYTHONDONTWRITEBYTECODE", ""):  # none beside the sources; without any each start compiles all
            site.env.setdefault("PYTHONPYCACHEPREFIX", str(home / "bytecode"))
        if site.name != "12345":  # never the database of the other site
            site.env.pop("DATABASE_URL", None)
            if url := os.environ.get(f"GONGBAO_{site.name.upper()}_DATABASE_URL"):
                site.env["DATABASE_URL"] = url
        if site.name == "drill":
            site.env["GONGBAO_DRILL_OF"] = made[0].env.get("DATABASE_URL") or f"sqlite:///{home / 'office.sqlite3'}"
            site.env["GONGBAO_EXCHANGE_URL"] = f"sqlite:///{site.home / 'exchange.sqlite3'}"
        else:
            site.env["GONGBAO_DRILL_ADDRESS"] = made[2].address
    return made


# --------------------------------------------------------------------------------------------------- is anything new?


def fingerprint(site: Site, gazettes: Path, given: argparse.Namespace) -> str:
    """Of everything that making ready depends on: packs, gazettes, migrations, rooms, and what was asked for."""
    packs = Path(os.environ.get("GONGBAO_PACKS") or CHECKOUT / "packs")
    files = [
        *sorted(packs.rglob("*.yaml")), *sorted(packs.rglob("*.csv")), *sorted(packs.rglob("*.dmn")), *gazette_files(gazettes),
        *gazette_files(site.home / "gazettes"), *sorted(HERE.glob("*/migrations/*.py")),
        *sorted(HERE.glob("*/room.py")), *sorted(HERE.glob("*/urls.py")),
    ]  # fmt: skip
    made = hashlib.sha256()
    for file in files:
        stat = file.stat()
        made.update(f"{file}|{stat.st_mtime_ns}|{stat.st_size}\n".encode())
    asked = [str(given.empty), os.environ.get("GONGBAO_DEMO_SIZE", ""), site.env.get("DATABASE_URL", ""), str(gazettes)]
    made.update(json.dumps(asked).encode())
    return made.hexdigest()


def is_ready(site: Site, mark: str) -> bool:
    """Whether the site was made ready from exactly this; another database than its own file is always looked at."""
    if "DATABASE_URL" in site.env or not (site.home / "office.sqlite3").exists():
        return False
    try:
        return (site.home / "up.mark").read_text(encoding="ascii") == mark and (site.home / "up.json").exists()
    except OSError:
        return False


def make_ready(every: Iterable[Site], gazettes: Path, given: argparse.Namespace) -> None:
    began = time.time()
    for site in every:
        mark = fingerprint(site, gazettes, given)
        if is_ready(site, mark):
            continue
        again = (site.home / "up.json").exists()
        say(f"更新{site.label}" if again else f"准备{site.label}（第一次需要一两分钟，以后几秒）")
        (site.home / "up.mark").unlink(missing_ok=True)
        command = [sys.executable, "-m", "gongbao.office.demo.prepare", "--began", str(began)]
        if given.empty:
            command.append("--empty")
        ended = subprocess.run(command, env=site.env, check=False).returncode
        if ended:
            raise Cannot(f"{site.label}没有准备好（上面是原因）。改正后再运行 bin/up，会从没有完成的部分接着做")
        (site.home / "up.mark").write_text(mark, encoding="ascii")


# ----------------------------------------------------------------------------------------------------- servers, workers


class Children:
    """The processes started here, in their own groups so that Ctrl-C reaches them through us alone."""

    def __init__(self) -> None:
        self.running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, label: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        if log.exists():  # the log of the start before is kept, once
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True, cwd=CHECKOUT,
            )  # fmt: skip
        self.running.append((label, process))

    def ended(self) -> tuple[str, int] | None:
        """The first child that has ended by itself: (label, its return code)."""
        for label, process in self.running:
            if process.poll() is not None:
                return label, int(process.returncode)
        return None

    def stop(self) -> None:
        for _, process in self.running:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + STOP_WITHIN
        for _, process in self.running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def serve(children: Children, site: Site) -> None:
    server = [
        sys.executable, "-m", "granian", "--interface", "asginl", "--host", HOST, "--port", str(site.port),
        "--workers", "1", "--no-ws", "--log-level", "warning",
        "--workers-kill-timeout", str(STOP_WITHIN // 2),  # a live page holds its stream for an hour
        "gongbao.office.asgi:application",
    ]  # fmt: skip
    children.start(f"{site.name} 服务", server, site.env, site.home / "server.log")


def work(children: Children, site: Site) -> None:
    worker = [sys.executable, "-m", "gongbao.office", "worker"]
    children.start(f"{site.name} 后台", worker, site.env, site.home / "worker.log")


def wait_for(children: Children, site: Site, path: str = "sign-in/") -> None:
    """Until the page answers 200. Cannot, with the end of the server's log, when it does not."""
    until = time.monotonic() + START_WITHIN
    waiting = tell.counting(f"启动{site.label}")
    while time.monotonic() < until:
        waiting(0)
        if (ended := children.ended()) is not None:
            raise Cannot(f"{ended[0]}没有启动（返回 {ended[1]}）：\n{_tail(site.home / 'server.log')}")
        try:
            with urllib.request.urlopen(site.address + path, timeout=START_WITHIN) as answer:
                if answer.status == 200:
                    tell.done()
                    return
        except urllib.error.HTTPError as error:
            raise Cannot(f"{site.label}的登录页答复 {error.code}：\n{_tail(site.home / 'server.log')}") from error
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    raise Cannot(f"{site.label} {START_WITHIN} 秒内没有启动：\n{_tail(site.home / 'server.log')}")


def _tail(file: Path, lines: int = 12) -> str:
    try:
        return "\n".join(file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]) + "\n"
    except OSError:
        return ""


def open_board(site: Site, username: str) -> tuple[int, urllib.request.OpenerDirector]:
    """Sign in as a demonstration account with its one click and open 值班台: the status of the page, the session."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(site.address + "sign-in/", timeout=30) as page:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode("utf-8"))
    if found is None:
        raise Cannot(f"{site.label}的登录页上没有表单")
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": found[1], "as": username}).encode()
    request = urllib.request.Request(
        site.address + "sign-in/", data=form, headers={"Referer": site.address + "sign-in/"}
    )
    with browser.open(request, timeout=60) as board:
        if "/sign-in" in board.geturl():
            raise Cannot(f"{site.label}：演示账号 {username} 没有登录成功")
        return int(board.status), browser


# --------------------------------------------------------------------------------------------------------- what it says


tell = Teller()


def say(text: str) -> None:
    tell(text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(1, width - _width(text))


def told(site: Site) -> dict[str, Any]:
    return dict(json.loads((site.home / "up.json").read_text(encoding="utf-8")))


def loaded(ready: Mapping[str, Any]) -> None:
    say("政策包")
    for pack in ready["packs"]:
        if "error" in pack:
            say(f"  {pack['pack']}  不能用：{pack['error']}")
        else:
            say(f"  {_pad(pack['pack'], 28)}{pack['number']} {pack['title']}：{pack['what']}")
    gazettes = ready["gazettes"]
    say(f"公报  {gazettes['files']} 期、{gazettes['documents']} 份文件（{'、'.join(gazettes['folders']) or '无'}）")
    for name, reason in gazettes["refused"].items():
        say(f"  {name} 读不了：{reason}")


def introduce(every: Sequence[Site], given: argparse.Namespace) -> None:
    first = told(every[0])
    say("")
    loaded(first)
    for site in every:
        ready = told(site)
        say("")
        say(f"{site.label}  {site.address}")
        if ready["demonstration"]:
            say("  " + "；".join(ready["demonstration"].values()))
        if ready["waiting"]:
            say(f"  尚未装入（所在的房间还没有启用）：{'、'.join(ready['waiting'])}")
        desk = None
        for account in ready["accounts"]:
            if account["desk"] != desk:
                desk = account["desk"]
                say(f"  {desk or '其他'}")
            say(f"    {_pad(account['name'], 10)}{_pad(account['unit'], 44)}{'、'.join(account['roles'])}")
        if ready["accounts"]:
            say("  在登录页点姓名即可进入，无须密码。")
        elif given.empty:
            where = f"GONGBAO_HOME={shlex.quote(str(site.home))} GONGBAO_SITE={site.name}"
            say("  还没有账号；先建一个管理员：")
            command = "create_account admin --name 姓名 --unit 市政府办公室 --role 管理员"
            say(f"  {where} .venv/bin/python -m gongbao.office {command}")
    say("")
    say("按 Ctrl-C 停止。")


# ------------------------------------------------------------------------------------------------------------- running


def _stop_on_signals() -> None:
    def stop(number: int, _: Any) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, stop)


def run(arguments: Sequence[str] | None = None) -> int:
    began = time.monotonic()
    given = options(arguments)
    home = Path(given.home or os.environ.get("GONGBAO_HOME") or CHECKOUT / "var").resolve()
    if given.empty and not given.home and "GONGBAO_HOME" not in os.environ:
        home = home / "empty"  # beside the demonstration, never inside it
    home.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(home).free < 200 * 1024 * 1024:
        raise Cannot(f"{home} 所在磁盘剩余不足 200 MB")
    gazettes = gazette_folder(given.gazettes, home)
    every = sites(given, home, gazettes, ports(given))
    make_ready(every, gazettes, given)
    prepared = time.monotonic()
    children = Children()
    _stop_on_signals()
    try:
        for site in every:
            serve(children, site)
        for site in every:
            wait_for(children, site)
        served = time.monotonic()
        for site in every:  # after the pages: nobody waits for a worker
            work(children, site)
        introduce(every, given)
        say(f"准备 {prepared - began:.1f} 秒，启动 {served - prepared:.1f} 秒")
        if given.check:
            return _check(every, given, began)
        while True:
            if (ended := children.ended()) is not None:
                folder = next(site.home for site in every if ended[0].startswith(f"{site.name} "))
                raise Cannot(f"{ended[0]}意外停止（返回 {ended[1]}），日志在 {folder}")
            time.sleep(0.5)
    except KeyboardInterrupt as interrupted:
        say(f"\n正在停止（{interrupted}）...")
        return 130 if given.check else 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave children behind
        children.stop()
        say("已停止。")


def _check(every: Sequence[Site], given: argparse.Namespace, began: float) -> int:
    for site in every:
        if given.empty:
            continue
        account = told(site)["accounts"][0]["username"]
        started = time.monotonic()
        status, _ = open_board(site, account)
        say(f"{site.label}：登录页 200，值班台 {status}（{time.monotonic() - started:.2f} 秒）")
        if status != 200:
            return 1
    say(f"从启动到页面 {time.monotonic() - began:.1f} 秒")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        return run(arguments)
    except Cannot as error:
        print(str(error), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
