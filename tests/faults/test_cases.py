"""Faults of the case store with real processes: the server killed by SIGKILL in the middle of posts, the worker while it
fires timers, the office's time set back, a disk that is full. What was acknowledged is in the log once, every chain is
whole, every projection is what a replay gives, every timer fires once and tells once.

On SQLite, and on PostgreSQL where one can be started. All of it takes minutes, so it runs only where it is asked for
(one short case runs always):

    GONGBAO_FAULTS=1 pytest tests/faults/test_cases.py -q -s
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import subprocess
import threading
import time
import urllib.parse
from collections import Counter
from pathlib import Path

import pytest
from tests.faults.office import Office, kill, until
from tests.office.sending.post import free_port

ASKED = pytest.mark.skipif(not os.environ.get("GONGBAO_FAULTS"), reason="要几分钟；以 GONGBAO_FAULTS=1 运行")
WORLD = Path(__file__).parent / "cases_world.py"
LOGGED = "SELECT note FROM cases_event WHERE note LIKE 'n-%'"
TOLD = "SELECT case_id, who, text FROM cases_notice WHERE kind = 'due'"
WAITING = "SELECT count(*) FROM cases_timer WHERE fired_at IS NULL"
FIRED = "SELECT count(*) FROM cases_timer WHERE fired_at IS NOT NULL"


class Desk:
    """Persons who correct facts of the same few cases as fast as they are answered. `acknowledged`: notes of the posts
    whose answer came; `sent`: of all posts."""

    def __init__(self, port: int, city: dict, people: int) -> None:
        self.port, self.city = port, city
        self.sent: list[str] = []
        self.acknowledged: list[str] = []
        self.refused: list[int] = []  # statuses of answers that say no
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(people)]

    def __enter__(self) -> Desk:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(timeout=60)

    def _work(self, me: int) -> None:
        chance, n = random.Random(me), 0
        connection: http.client.HTTPConnection | None = None
        cookie = token = ""
        while not self.stop.is_set():
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                    cookie = f"gongbao_office={self.city['session']}"
                    connection.request("GET", f"/case/{self.city['numbers'][0]}/", headers={"Cookie": cookie})
                    answer = connection.getresponse()
                    answer.read()
                    token = re.search(r"gongbao_csrf_office=(\w+)", str(answer.headers))[1]
                    cookie += f"; gongbao_csrf_office={token}"
                n += 1
                note = f"n-{me}-{n}"
                body = urllib.parse.urlencode({
                    "csrfmiddlewaretoken": token, "fact": "content", "f-content": f"{note}：路灯仍不亮", "note": note,
                })  # fmt: skip
                self.sent.append(note)
                connection.request(
                    "POST", f"/case/{chance.choice(self.city['numbers'])}/record/", body,
                    {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"},
                )  # fmt: skip
                answer = connection.getresponse()
                answer.read()
                if answer.status == 302:
                    self.acknowledged.append(note)
                else:
                    self.refused.append(answer.status)
                    time.sleep(0.1)
            except (OSError, http.client.HTTPException, TypeError):
                connection = None
                time.sleep(0.05)


def whole(office: Office, desk: Desk) -> Counter[str]:
    """What was acknowledged is there once, what was not at most once, nothing else; chains and projections hold."""
    logged = Counter(note for (note,) in office.rows(LOGGED))
    assert set(logged.values()) <= {1}
    assert set(desk.acknowledged) <= set(logged)
    assert set(logged) <= set(desk.sent)
    office.world("check")
    return logged


def kill_the_server(tmp_path: Path, database: str, *, ends: int, people: int, least: int) -> None:
    chance = random.Random(11)
    office = Office(tmp_path, WORLD, database)
    port = free_port()
    city = json.loads(office.world("city", "4"))
    server = office.serve(port)
    with Desk(port, city, people) as desk:
        for _ in range(ends):
            seen = len(desk.acknowledged)
            until(lambda seen=seen: len(desk.acknowledged) > seen + least)
            time.sleep(chance.random() / 5)
            kill(server)
            server = office.serve(port)
        seen = len(desk.acknowledged)
        until(lambda: len(desk.acknowledged) > seen + least)
    logged = whole(office, desk)
    print(f"\n服务进程被 kill -9 {ends} 次：提交 {len(desk.sent)}，已答复 {len(desk.acknowledged)}，在案 {len(logged)}，"
          f"其中未及答复 {len(set(logged) - set(desk.acknowledged))}")  # fmt: skip
    assert not desk.refused


def test_a_server_killed_in_the_middle_of_posts_loses_nothing_that_it_acknowledged(tmp_path):
    """The short case of what follows."""
    kill_the_server(tmp_path, "", ends=1, people=2, least=3)


@ASKED
def test_a_server_killed_again_and_again(tmp_path, database):
    kill_the_server(tmp_path, database, ends=8, people=4, least=15)


def once(office: Office) -> None:
    """Every notice of a time that has come was given once."""
    told = Counter(office.rows(TOLD))
    assert told
    assert set(told.values()) == {1}


@ASKED
def test_a_worker_killed_while_it_fires_timers_fires_each_once(tmp_path, database):
    chance = random.Random(5)
    office = Office(tmp_path, WORLD, database)
    city = json.loads(office.world("city", "200"))
    office.world("clock", "31")  # the call must have been sent on within 30 minutes
    running: subprocess.Popen[bytes] | None = None
    ends = 0
    while office.rows(WAITING)[0][0]:
        if running is None:
            running = office.start()
        fired = office.rows(FIRED)[0][0]
        until(lambda fired=fired: office.rows(FIRED)[0][0] > fired or not office.rows(WAITING)[0][0])
        time.sleep(chance.random() / 4)
        if ends < 8:
            kill(running)
            running, ends = None, ends + 1
    with office.worker():
        time.sleep(6)  # nothing is left to do
    once(office)
    told = office.rows(TOLD)
    print(f"\n后台任务被 kill -9 {ends} 次：{len(city['numbers'])} 件的时限各触发一次，提醒 {len(told)} 条")
    assert ends > 3
    assert len(told) == len(city["numbers"])
    office.world("check")


@ASKED
def test_the_clock_set_back_fires_nothing_twice_and_counts_rightly_from_then_on(tmp_path, database):
    office = Office(tmp_path, WORLD, database)
    port = free_port()
    before = json.loads(office.world("city", "20"))
    office.world("clock", "45")
    server = office.serve(port)
    with office.worker():
        until(lambda: not office.rows(WAITING)[0][0])
        later = json.loads(office.world("city", "20"))  # opened at 45 minutes, due at 75
        due = sorted(office.rows("SELECT case_id, key, due_at FROM cases_timer"))
        office.world("clock", "-120")
        earlier = json.loads(office.world("city", "20"))  # opened at -120, due at -90
        with Desk(port, later, 2) as desk:  # entries on cases whose log is ahead of the clock
            until(lambda: len(desk.acknowledged) + len(desk.refused) > 20)
        time.sleep(6)
        assert len(office.rows(TOLD)) == 20
        assert sorted(office.rows("SELECT case_id, key, due_at FROM cases_timer"))[: len(due)] == due
        office.world("clock", "-80")
        until(lambda: len(office.rows(TOLD)) == 40)
        time.sleep(4)
        assert len(office.rows(TOLD)) == 40  # those of the cases opened after the clock was set back, no others
        office.world("clock", "76")
        until(lambda: len(office.rows(TOLD)) == 60)
        time.sleep(4)
    kill(server)
    once(office)
    logged = whole(office, desk)
    print(f"\n时钟倒拨 165 分钟：{len(before['numbers'] + later['numbers'] + earlier['numbers'])} 件的时限各触发一次；倒拨后对"
          f"原有案件的提交：在案 {len(logged)}，答复为 {sorted({302, *desk.refused} if logged else set(desk.refused))}")  # fmt: skip


@ASKED
def test_a_full_disk_refuses_and_loses_nothing(tmp_path):
    """A file system of 24 MB for the office; the rest of it is filled, then emptied again."""
    home = tmp_path / "small"
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "gongbao-faults", str(home)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("这里不能挂载小的文件系统")
    server: subprocess.Popen[bytes] | None = None
    try:
        office = Office(home, WORLD)
        port = free_port()
        city = json.loads(office.world("city", "4"))
        server = office.serve(port)
        with Desk(port, city, 3) as desk:
            until(lambda: len(desk.acknowledged) > 20)
            with (home / "full").open("wb", buffering=0) as full:
                try:
                    while full.write(b"x" * 4096):
                        pass
                except OSError:
                    pass
            until(lambda: len(desk.refused) > 20)
            refused, answered = Counter(desk.refused), len(desk.acknowledged)
            (home / "full").unlink()
            until(lambda: len(desk.acknowledged) > answered + 20)
        kill(server)
        logged = whole(office, desk)
        print(f"\n磁盘写满：拒绝 {dict(refused)}，腾出空间后继续；已答复 {len(desk.acknowledged)}，在案 {len(logged)}")
        assert set(refused) <= {500, 503}
    finally:
        if server is not None:
            kill(server)
        subprocess.run(["umount", "-l", str(home)], check=False)
