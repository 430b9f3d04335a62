"""Runs the worker until it is stopped; --once makes one round."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gongbao.office import worker


class Command(BaseCommand):
    help = "到时提醒、平台间交换、每日摘要"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(str(worker.turn()))
        else:
            worker.run()
