"""A run over a folder that is killed in the middle goes on where it stopped, and comes to the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("ibis")
import pyarrow as pa
import pyarrow.parquet as pq
from tests.batch import columns_pack as pack

FILES, ROWS = 8, 400
ROOT = Path(__file__).parents[2]


def batch(world: Path, source: Path, target: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gongbao", "batch", str(world), "each_kind", "--input", str(source),
               "--output", str(target), "--json", *more]  # fmt: skip
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_a_run_killed_in_the_middle_is_resumed_to_the_same_output(tmp_path: Path) -> None:
    pack.load(tmp_path / "packs")
    folder, source, target = tmp_path / "packs" / "shili" / "columns", tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for i in range(FILES):
        # Many rows are open, each of them its own case: a file takes a while.
        pq.write_table(pa.Table.from_pylist(pack.sample(ROWS, i), pack.SCHEMA), source / f"{i}.parquet")
    whole = batch(folder, source, tmp_path / "whole")
    assert whole.communicate()[1] is not None
    running = batch(folder, source, target)
    end = time.monotonic() + 120
    while not list(target.glob("*.parquet")) and running.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    finished = {p.name: p.stat().st_mtime_ns for p in target.glob("*.parquet")}
    assert 0 < len(finished) < FILES, finished
    for file in finished:
        pq.read_table(target / file)  # what has its name is whole
    batch(folder, source, target, "--resume").communicate()
    assert {p.name for p in target.iterdir()} == {f"{i}.parquet" for i in range(FILES)}
    for i in range(FILES):
        assert pq.read_table(target / f"{i}.parquet").equals(pq.read_table(tmp_path / "whole" / f"{i}.parquet"))
    assert all((target / name).stat().st_mtime_ns == at for name, at in finished.items()), "what was done stays done"
