"""The organs of the cities whose packs are here, read from packs/<city>/units.yaml alone: no pack needs to be whole."""

from __future__ import annotations

import threading
from pathlib import Path

from django.conf import settings

from gongbao.engine.units import UnitNotFound, Units
from gongbao.policy import loader

_lock = threading.Lock()
_read: dict[str, tuple[tuple[int, int], Units]] = {}  # file -> (its state, what it says)


def city_units() -> tuple[Units, ...]:
    return tuple(_units(file) for file in sorted(Path(settings.GONGBAO_PACKS).glob("*/units.yaml")))


def _units(file: Path) -> Units:
    state = (file.stat().st_mtime_ns, file.stat().st_size)
    with _lock:
        held = _read.get(str(file))
        if held is None or held[0] != state:
            data = loader.read_units(file).model_dump(by_alias=True)
            held = _read[str(file)] = (state, Units(data))
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
