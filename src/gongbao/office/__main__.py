"""`python -m gongbao.office COMMAND`: Django's commands with the office's settings (migrate, runserver, worker ...)."""

import os
import sys

from django.core.management import execute_from_command_line


def run(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongbao.office.settings")
    execute_from_command_line(["gongbao.office", *arguments])


def main() -> None:
    run(sys.argv[1:])


if __name__ == "__main__":
    main()
