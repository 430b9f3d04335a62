"""A pack's settings are empty until their owner fills them; every filling is kept, and only what fits is taken."""

from __future__ import annotations

import pytest

from gongbao.office import worlds
from gongbao.office.cases.models import SettingValue

pytestmark = pytest.mark.django_db


def test_a_filled_setting_is_seen_by_the_rules_and_its_history_is_kept(toy):
    assert worlds.world(toy).settings["return_limit"].value is None
    worlds.set_setting(toy, "return_limit", "4 hours", by="主任", reason="试行")
    worlds.set_setting(toy, "return_limit", "1个工作日", by="主任", reason="正式")
    assert worlds.world(toy).settings["return_limit"].value == "1个工作日"
    assert list(SettingValue.objects.order_by("id").values_list("value", "reason")) == [
        ("4 hours", "试行"),
        ("1个工作日", "正式"),
    ]


def test_a_setting_can_be_emptied_again(toy):
    worlds.set_setting(toy, "return_limit", "4 hours", by="主任", reason="试行")
    worlds.set_setting(toy, "return_limit", None, by="主任", reason="停用")
    assert worlds.world(toy).settings["return_limit"].value is None


@pytest.mark.parametrize("value", ["soon", "4", "-1 hours", ""])
def test_what_is_no_limit_is_refused(toy, value):
    with pytest.raises(ValueError, match="时限"):
        worlds.set_setting(toy, "return_limit", value, by="主任", reason="试行")
    assert not SettingValue.objects.exists()


def test_an_unknown_setting_is_refused_by_name(toy):
    with pytest.raises(KeyError, match="return_limit"):
        worlds.set_setting(toy, "none", 1, by="主任", reason="试行")


def test_a_case_keeps_the_version_it_was_opened_under(opened, settings, tmp_path):
    import shutil

    moved = tmp_path / "packs"
    shutil.copytree(settings.GONGBAO_PACKS, moved)
    file = moved / "toy/street/params.yaml"
    file.write_text(file.read_text("utf-8").replace("300", "301"), "utf-8")
    settings.GONGBAO_PACKS = moved
    worlds.forget()
    assert worlds.world("toy/street").params["high"] == 301
    assert worlds.world_of(opened).params["high"] == 300
