"""Checks the hash chain of every case; exit status 1 and a line per break when one is not whole."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from gongbao.office.cases import chain
from gongbao.office.cases.models import Case


class Command(BaseCommand):
    help = "核验全部事项的记录链"

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken = 0, 0
        for case in Case.objects.order_by("pk").iterator():
            checked += 1
            for found in chain.breaks(case):
                broken += 1
                self.stderr.write(f"{found.number} 第 {found.seq} 条：{found.what}")
        self.stdout.write(f"核验 {checked} 件，{broken} 处不符")
        if broken:
            sys.exit(1)
