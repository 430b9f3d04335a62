"""Tests hold no clock: a property may take as long as a busy machine needs. They keep nothing in the user's folders."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("gongbao", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gongbao")

os.environ["GONGBAO_CACHE"] = ""
