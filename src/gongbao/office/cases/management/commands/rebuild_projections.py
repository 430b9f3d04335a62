"""Writes all projections anew from the events."""

from typing import Any

from django.core.management.base import BaseCommand

from gongbao.office.cases.rebuild import rebuild_projections


class Command(BaseCommand):
    help = "由事件重建全部列表数据"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"已重建 {rebuild_projections()} 件")
