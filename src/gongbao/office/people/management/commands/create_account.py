"""`create_account`: the first administrator of an empty office, or any account, from the command line."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from gongbao.office.people.models import Account
from gongbao.office.people.units import city_units


class Command(BaseCommand):
    help = "新建账号；口令从终端输入，或用 --password-stdin 从标准输入读一行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="登录名")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--unit", required=True, help="单位，须在 units.yaml 中")
        parser.add_argument("--role", action="append", default=[], help="角色，可写多次，如 --role 管理员")
        parser.add_argument("--password-stdin", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        unit, cities = options["unit"], tuple(city_units())
        if not any(units.knows(unit) for units in cities):
            near = "、".join(name for units in cities for name in units.near(unit))
            raise CommandError(f"没有建立账号：units.yaml 里没有单位“{unit}”" + (f"，是否应为 {near}" if near else ""))
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = getpass.getpass("口令：")
            if getpass.getpass("再输一次：") != password:
                raise CommandError("两次输入的口令不同，没有建立账号")
        try:
            validate_password(password)
            account = Account.objects.create_user(
                options["username"], password, name=options["name"], unit=options["unit"], roles=options["role"]
            )
        except ValidationError as error:
            raise CommandError("没有建立账号：" + "；".join(error.messages)) from error
        self.stdout.write(f"已建立账号 {account.username}：{account}，角色 {'、'.join(account.roles) or '无'}")
