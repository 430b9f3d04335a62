"""Spark: the same query over the file in parallel, into parts; DuckDB then puts the parts together.

Spark reads the Parquet file itself and writes, per row, its columns, whether it is settled, by which rule and with what.
The rows that are left over are decided where the run was started, as with every engine, while the parts become one file;
so the folder of the parts (beside the output) must be seen by Spark's workers and by this process alike.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from gongbao.batch.days import look_up_table
from gongbao.batch.facts import BatchError, BeyondError
from gongbao.batch.plan import ROW, Plan

# The conditions under which Spark says that a number does not fit its type.
_BEYOND = ("ARITHMETIC_OVERFLOW", "CAST_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE", "NUMERIC_OUT_OF_SUPPORTED_RANGE")
_CONFIG = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, not another number
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.parquet.compression.codec": "snappy",
    "spark.log.level": "ERROR",
}


def check() -> None:
    """BatchError where Spark cannot run here, with what is missing."""
    if importlib.util.find_spec("pyspark") is None:
        raise BatchError("--engine spark 需要安装 pyspark：pip install 'gongbao[spark]'")
    if shutil.which("java") is None:
        raise BatchError("--engine spark 需要 Java 17 或更新版本，本机没有 java 命令")


def session() -> Any:
    """The session of this process: the one that runs, else a local one."""
    builder = importlib.import_module("pyspark.sql").SparkSession.builder
    for name, value in _CONFIG.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    for name in ("spark.sql.ansi.enabled", "spark.sql.session.timeZone"):
        made.conf.set(name, _CONFIG[name])
    return made


def run(plan: Plan, source: Path, parts: Path) -> list[Path]:
    """The file decided into a folder of parts, which come back in the order of their rows. BatchError where Spark fails."""
    spark = session()
    names: list[str] = []
    try:
        frame = spark.read.parquet(str(source.resolve()))
        frame.selectExpr("*", f"_metadata.row_index AS {ROW}").createOrReplaceTempView("input")
        broadcast = importlib.import_module("pyspark.sql.functions").broadcast
        for name in plan.look_ups:  # sent to every worker, so that the rows of the input stay where they are
            file = parts / f"{name}.parquet"
            pq.write_table(look_up_table(name, plan.world.calendar), file)
            broadcast(spark.read.parquet(str(file.resolve()))).createOrReplaceTempView(name)
            names.append(name)
        made = parts / "made"
        spark.sql(plan.sql).write.mode("overwrite").parquet(str(made.resolve()))
    except BatchError:
        raise
    except Exception as e:
        if not type(e).__module__.startswith(("pyspark", "py4j")):
            raise
        if any(word in str(e) for word in _BEYOND):
            raise BeyondError(f"spark 计算失败，有数超出 64 位整数：{_first_line(e)}") from None
        raise BatchError(f"spark 计算失败（可能有一列的类型 Spark 读不了）：{_first_line(e)}") from None
    finally:
        for name in ("input", *names):
            spark.catalog.dropTempView(name)
    return _in_order(made.glob("part-*.parquet"))


def _in_order(files: Iterable[Path]) -> list[Path]:
    """The parts by the first row that each holds."""
    found: list[tuple[int, Path]] = []
    for file in files:
        meta = pq.read_metadata(file)
        at = meta.schema.names.index(ROW) if meta.num_rows else -1
        if at < 0:
            continue
        place = next(
            i for i in range(meta.row_group(0).num_columns) if meta.row_group(0).column(i).path_in_schema == ROW
        )
        found.append((min(meta.row_group(g).column(place).statistics.min for g in range(meta.num_row_groups)), file))
    return [file for _, file in sorted(found)]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
