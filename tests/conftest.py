"""Tests hold no clock: a property may take as long as a busy machine needs. They keep nothing in the user's folders."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("gongbao", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gongbao")

os.environ["GONGBAO_CACHE"] = ""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadgroup`, tests that share a Spark session or a PostgreSQL server run on one worker.

    The marks `xdist_group` say so too, but xdist 3.8 writes them where pytest 9.2 no longer reads them.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class ByServer(LoadGroupScheduling):
        def _split_scope(self, nodeid):
            test = nodeid.rpartition("/")[2]
            return next((server for server in ("spark", "postgres") if server in test), super()._split_scope(nodeid))

    return ByServer(config, log)
