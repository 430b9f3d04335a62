"""The organs of the cities whose packs are here, read from packs/<city>/units.yaml alone: no pack needs to be whole.

A city whose file cannot be read has no organs here; its packs then say what is wrong (`worlds.not_loaded`).
"""

from __future__ import annotations

import threading
from pathlib import Path

from django.conf import settings

from gongbao.engine.units import UnitNotFound, Units
from gongbao.policy import loader

_lock = threading.Lock()
_read: dict[str, tuple[tuple[int, int], Units | None]] = {}  # file -> (its state, what it says)


def city_units() -> tuple[Units, ...]:
    found = (_units(file) for file in sorted(Path(settings.GONGBAO_PACKS).glob("*/units.yaml")))
    return tuple(units for units in found if units is not None)


def _units(file: Path) -> Units | None:
    state = (file.stat().st_mtime_ns, file.stat().st_size)
    with _lock:
        held = _read.get(str(file))
        if held is None or held[0] != state:
            try:
                made = Units(loader.read_units(file).model_dump(by_alias=True))
            except ValueError:  # a PackError, or organs that do not fit together
                made = None
            held = _read[str(file)] = (state, made)
        return held[1]


def official(name: str) -> str:
    """The full name of a unit known by any of its names; a name that no unit bears stays as it is."""
    for units in city_units():
        try:
            return units.find(name).name
        except UnitNotFound:
            continue
    return name


def areas() -> tuple[str, ...]:
    return tuple(dict.fromkeys(area for units in city_units() for area in units.areas))
