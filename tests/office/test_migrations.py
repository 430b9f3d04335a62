"""The tables that migrations make are the ones that the models describe."""

from __future__ import annotations

import pytest
from django.core.management import call_command


@pytest.mark.django_db(databases=["default", "exchange"])
def test_every_change_of_a_model_has_its_migration(capsys):
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(f"模型改了而没有迁移：\n{capsys.readouterr().out}")
