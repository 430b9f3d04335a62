"""Server time of the board 督查 with many open items, on SQLite in a folder of its own.

    python bench/supervision.py [TASKS]        # 50,000 unless given: 50 plans, 200 units

What is timed is the whole request in the process of the server (session, rows, figures, template), without the network.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "GONGBAO_HOME": home,
            "GONGBAO_SITE": "office",
            "DJANGO_SETTINGS_MODULE": "gongbao.office.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(many)
        measure()


def fill(many: int) -> None:
    from gongbao.office import clock
    from gongbao.office.cases.models import Case
    from gongbao.office.people.units import city_units
    from gongbao.office.supervision import index
    from gongbao.office.supervision.models import Book, Involved, Item
    from gongbao.office.tasks import LOG

    draw, now = random.Random(1), clock.now()
    units = [u.name for units in city_units() for u in units.units.values() if u.level in ("市", "县")][:200]
    plans = [
        Case(number=f"RW-{n}", site="office", pack=f"langfang/plan-{n}", version="1", procedure=LOG, title=f"规划{n}",
             opened_at=now, changed_at=now, head="0")
        for n in range(50)
    ]  # fmt: skip
    plans = Case.objects.bulk_create(plans)
    Book.objects.bulk_create([Book(case=case, seq=case.seq, changed_at=case.changed_at) for case in plans])
    rows = []
    for n in range(many):
        case, unit = draw.choice(plans), draw.choice(units)
        due = None if n % 10 == 0 else now + dt.timedelta(days=draw.randint(-60, 700))
        rows.append(Item(
            case=case, key=f"t{n}", kind=Item.TASK, plan=case.pack, plan_label=case.title, title=f"任务{n}", cite="三（一）",
            unit=unit, area=index.area_of(unit), state="办理中", due=due, returned=n % 200 == 0,
            last_word=now - dt.timedelta(days=draw.randint(0, 60)),
        ))  # fmt: skip
    rows = Item.objects.bulk_create(rows, batch_size=2000)
    beside = [Involved(item=row, unit=unit) for row in rows for unit in {row.unit, *draw.sample(units, 2)}]
    Involved.objects.bulk_create(beside, batch_size=5000)
    print(f"{len(rows)} 项，{len(plans)} 个规划，{len(units)} 个单位")


def measure() -> None:
    from django.conf import settings
    from django.db.models import F
    from django.test import Client

    from gongbao.office import worlds
    from gongbao.office.people.models import Account
    from gongbao.office.supervision import rule
    from gongbao.office.supervision.models import Cursor

    settings.ALLOWED_HOSTS = ["testserver"]
    office = Account.objects.create_user(
        "du", "correct-horse", name="督某", unit="廊坊市人民政府督查室", roles=["督查员"]
    )
    clerk = Account.objects.create_user(
        "jian", "correct-horse", name="建某", unit="廊坊市住房和城乡建设局", roles=["承办人"]
    )
    if (pack := rule.pack_id()) is not None:
        for name, value in (("yellow_days", 30), ("silent_days", 30)):
            worlds.set_setting(pack, name, value, by=office, reason="试行")
    for who, paths in (
        (office, ("/supervision/", "/supervision/?tab=all", "/supervision/?tab=silent", "/supervision/?tab=week&area=三河市",
                  "/supervision/?tab=all&q=任务4")),
        (clerk, ("/supervision/", "/supervision/?tab=all")),
    ):  # fmt: skip
        client = Client()
        client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
        for path in paths:
            times = []
            for n in range(22):
                if n % 3 == 0:  # every third request comes after a row has changed: the figures are counted anew
                    Cursor.objects.filter(pk=1).update(version=F("version") + 1)
                started, worked = time.perf_counter(), time.process_time()
                assert client.get(path).status_code == 200
                times.append(((time.perf_counter() - started) * 1000, (time.process_time() - worked) * 1000))
            wall, busy = sorted(t for t, _ in times[1:]), [t for _, t in times[1:]]
            print(f"{who.username:5} {path:40} 中位 {statistics.median(wall):5.0f} ms　最慢 {wall[-1]:5.0f} ms　"
                  f"其中处理器 {statistics.median(busy):4.0f} ms")  # fmt: skip
    started = time.perf_counter()
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    size = len(client.get("/supervision/export.xlsx?tab=all").content)
    print(f"导出全部 {time.perf_counter() - started:.1f} s，{size // 1024} KB")


if __name__ == "__main__":
    main()
