"""Tests hold no clock: a property may take as long as a busy machine needs."""

from hypothesis import HealthCheck, settings

settings.register_profile("gongbao", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gongbao")
