"""The language starts quickly: it needs nothing but the standard library, and little of that."""

import subprocess
import sys
from pathlib import Path

HEAVY = ["pydantic", "typer", "yaml", "lark", "rich", "django", "ibis", "difflib", "typing_extensions"]


def test_importing_the_language_loads_no_third_party_package():
    code = "import sys, gongbao.dmn; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    path = {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=path).stdout.split()
    assert "gongbao.dmn" in found
    assert [name for name in HEAVY if name in found] == []
