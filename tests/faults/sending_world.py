"""An office of its own for the faults of sending: a process that makes messages and sends rows again.

python tests/faults/sending_world.py make KEY N      queue a message to N addresses
python tests/faults/sending_world.py rows            every row as JSON: address, state, attempts
python tests/faults/sending_world.py resend ADDRESS…  核实后重发 of unclear rows
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongbao.office.settings")


def main(command: str, *rest: str) -> None:
    django.setup()
    from gongbao.office.people.models import Account
    from gongbao.office.sending import book, messages
    from gongbao.office.sending.models import Recipient

    officer, _ = Account.objects.get_or_create(
        username="zhi", defaults={"name": "值班员", "unit": "甲市热线中心", "roles": ["值班员"]}
    )
    if command == "make":
        key, n = rest
        to = [book.Address("email", f"{key}{i}@x.example") for i in range(int(n))]
        messages.make(key=key, kind="notice", subject="演习以外的预警", body="请做好准备。", to=to, by=officer)
    elif command == "resend":
        messages.resend(Recipient.objects.filter(address__in=rest), by=officer)


if __name__ == "__main__":
    main(*sys.argv[1:])
