"""bin/up: from an empty folder to two served sites, again in seconds, and clear words when it cannot."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gongbao.office import up

CHECKOUT = Path(up.CHECKOUT)


def environment(home: Path) -> dict[str, str]:
    ours = ("GONGBAO_", "DATABASE_", "DJANGO_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {
        "GONGBAO_HOME": str(home), "GONGBAO_DEMO_SIZE": "small", "PYTHONPATH": str(up.SRC),
        "GONGBAO_SHARED": str(home / "nothing shared"),
    }  # fmt: skip
    return env


def run(home: Path, *arguments: str, seconds: int = 240) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gongbao.office.up", *arguments]
    return subprocess.run(
        command, env=environment(home), capture_output=True, text=True, timeout=seconds, check=False, cwd=home
    )


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gongbao.office.up", *arguments]
    return subprocess.Popen(
        command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home in which bin/up ran once with a small demonstration and stopped again."""
    home = tmp_path_factory.mktemp("home")
    return home, run(home, "--check")


def rows(home: Path, query: str) -> list[tuple]:
    with sqlite3.connect(home / "office.sqlite3") as database:
        return database.execute(query).fetchall()


def test_the_first_start_serves_the_sign_in_page_and_the_board_of_both_sites(first) -> None:
    _, ended = first
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for words in ("12345热线和市政府办公台：登录页 200，值班台 200", "110台：登录页 200，值班台 200",
                  "演练台：登录页 200，值班台 200", "已停止"):  # fmt: skip
        assert words in ended.stdout
    for pack in ("langfang/hotline-110", "langfang/heavy-pollution", "langfang/enterprise-credit"):
        assert pack in ended.stdout
    assert "已生成一份示例公报" in ended.stdout
    assert "李思远" in ended.stdout
    assert "指挥调度" in ended.stdout


def test_the_city_is_filled_and_its_chains_and_projections_stand(first) -> None:
    home, _ = first
    taken = (
        "select target_id from cases_caselink where other_site = '110' and source_id is null"  # by the worker, later
    )
    own = rows(home, f"select count(*) from cases_case where procedure = 'request' and id not in ({taken})")
    assert own == [(62,)]  # 60, and 2 that went on to 110
    assert rows(home, "select status, alarm from cases_case where procedure = 'warning'") == [("open", 3)]
    assert rows(home, "select count(*) > 0 from cases_event where note like '制发%'") == [
        (1,)
    ]  # the papers of the warning
    assert rows(home, "select count(*) from cases_settingvalue where reason not like '演示值%'") == [(0,)]
    police = home / "110"
    alarms = "select count(*) from cases_case where procedure = 'alarm'"
    assert rows(police, alarms) == [(16,)]  # 12, 2 from 12345, and 2 that went on to it
    links = "select source_id is null, count(*) from cases_caselink where other_site = '12345' group by 1 order by 1"
    assert rows(police, links) == [(0, 2), (1, 2)]  # given to it, come from it
    env = {**os.environ, "GONGBAO_HOME": str(home), "GONGBAO_SITE": "12345", "PYTHONPATH": str(up.SRC)}
    env.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "gongbao.office", "verify_chains"]
    checked = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_second_start_makes_nothing_again(first) -> None:
    home, _ = first
    before = rows(home, "select (select count(*) from cases_case), (select count(*) from people_account)")
    mark = (home / "up.mark").read_text(encoding="ascii")
    ended = run(home, "--check")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "准备12345" not in ended.stdout
    # Whoever works on the packs while the tests run makes it look again; the city must stay as it is all the same.
    assert ("更新12345" in ended.stdout) == ((home / "up.mark").read_text(encoding="ascii") != mark)
    assert rows(home, "select (select count(*) from cases_case), (select count(*) from people_account)") == before


def test_ctrl_c_stops_the_servers_and_the_workers_although_a_page_is_open(first) -> None:
    home, _ = first
    port = up.any_port() % 30000 + 20000
    with start(home, "--port", str(port)) as process:
        for line in process.stdout:
            if line.startswith("准备 "):  # all children run
                break
        assert not up.free_port(port)
        site = up.Site("12345", "", home, port)
        _, session = up.open_board(site, up.told(site)["accounts"][0]["username"])
        live = session.open(site.address + "live/", timeout=30)
        assert live.readline().startswith(b"retry")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        assert time.monotonic() - began < up.STOP_WITHIN  # a page left open does not hold it
    assert process.returncode == 0
    assert "正在停止（SIGINT）" in rest
    assert up.free_port(port)
    assert up.free_port(port + 110)


def test_the_drill_site_has_the_accounts_of_the_office_and_none_of_its_matters(first) -> None:
    home, _ = first
    accounts = "select username, name, unit, password from people_account order by id"
    assert rows(home / "drill", accounts) == rows(home, accounts)
    assert rows(home / "drill", "select count(*) from cases_event") == [(0,)]


def test_a_changed_gazette_folder_is_looked_at_again(first, tmp_path: Path) -> None:
    home, _ = first
    given = up.options(["--home", str(home)])
    site = up.Site("12345", "", home, 8000)
    before = up.fingerprint(site, tmp_path, given)
    (tmp_path / "a.txt").write_text("公报", encoding="utf-8")
    assert up.fingerprint(site, tmp_path, given) != before


def test_empty_starts_with_packs_and_without_accounts(tmp_path: Path) -> None:
    ended = run(tmp_path, "--empty", "--check")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    ready = json.loads((tmp_path / "up.json").read_text(encoding="utf-8"))
    assert ready["accounts"] == []
    assert ready["demonstration"] == {}
    assert len(ready["packs"]) >= 3
    assert rows(tmp_path, "select count(*) from cases_case") == [(0,)]
    assert rows(tmp_path, "select count(*) from cases_clock") == [(0,)]


def test_a_port_in_use_is_told_in_chinese(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((up.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        if port > 65000:
            pytest.skip("操作系统给的端口太大")
        ended = run(tmp_path, "--port", str(port))
    assert ended.returncode == 1
    assert f"端口 {port} 已被占用" in ended.stderr
    assert not (tmp_path / "office.sqlite3").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--port", "80"], "须在 1024 到 65000 之间"), (["nowhere"], "不存在或不是文件夹")],
)
def test_what_cannot_be_is_refused_before_anything_is_made(tmp_path: Path, arguments: list[str], words: str) -> None:
    ended = run(tmp_path, *arguments)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert not (tmp_path / "office.sqlite3").exists()
