"""An office of its own for the faults of the case store: what is made in it, and what must hold of it afterwards.

python tests/faults/cases_world.py city N        two officers and N open complaints; numbers and session keys as JSON
python tests/faults/cases_world.py clock MINUTES the office's time so far from the machine's
python tests/faults/cases_world.py check         raises where a chain is broken or a projection is not the replay's
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongbao.office.settings")


def city(n: str) -> None:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from gongbao.office.cases import service
    from gongbao.office.people.models import Account

    hua, _ = Account.objects.get_or_create(
        username="hua", defaults={"name": "话务员", "unit": "甲市热线中心", "roles": ["话务员"]}
    )
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(hua.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = hua.get_session_auth_hash()
    session.create()
    made = [
        service.open_case(hua, "toy/street", "complaint", {"content": f"第{i}盏路灯不亮", "place": "东区"}).number
        for i in range(int(n))
    ]
    print(json.dumps({"numbers": made, "session": session.session_key}))


def clock(minutes: str) -> None:
    from gongbao.office import clock as office_time

    office_time.move_to(office_time.machine_now() + dt.timedelta(minutes=int(minutes)), by="faults")


def check() -> None:
    from gongbao.office.cases import chain, projection, rebuild
    from gongbao.office.cases.models import Case

    for case in Case.objects.exclude(procedure="@tasks"):
        broken = chain.verify_chain(case)
        assert not broken, broken
        before = projection.snapshot(case)
        rebuild.rebuild_case(case)
        after = projection.snapshot(case)
        assert before == after, (case.number, before, after)


if __name__ == "__main__":
    django.setup()
    {"city": city, "clock": clock, "check": check}[sys.argv[1]](*sys.argv[2:])
