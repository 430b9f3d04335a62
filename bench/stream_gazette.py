"""How fast, and in how much memory, 200 MB of gazette text is read into a library: `python bench/stream_gazette.py [MB]`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from gongbao.gazette.generate import generate
from gongbao.gazette.library import read_file

MEMORY_MB = 300


def main(megabytes: int) -> int:
    parts = [generate(seed, 100).encode() for seed in range(6)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.txt"
        written = made = 0
        with path.open("wb") as file:
            while written < megabytes * 1_000_000:
                written += file.write(parts[made % len(parts)])
                made += 1
        start = time.process_time()
        found = len(read_file(path).documents)
        took = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{written / 1e6:.0f} MB, {found} documents, {took:.1f} s, {written / 1e6 / took:.1f} MB/s, {memory:.0f} MB of memory"
    )
    return 0 if found == made * 100 and memory < MEMORY_MB else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
