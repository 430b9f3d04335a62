"""Compiled packs kept on disk, so that a process need not read and compile them again.

A compiled pack is code: it holds the functions that its rules became. So it is kept only in a folder that belongs to
the user of the process and that nobody else may look into or write to, and a file that is not such a one is not
opened (`docs/explanation/security.md`). A file is named by all that its content depends on - the pack's files, the
city's units, gongbao itself, Python -, ends with the digest of its bytes, and appears whole or not at all. One that is
missing, damaged or foreign is made again; where nothing can be kept, nothing is.

The parts of a world that most uses do not ask for (procedures, duties, registers, units, each decision) are read out of
the file when they are first asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import marshal
import os
import pickle
import stat
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache, partial
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.time.calendar import default_calendar
from gongbao.engine.world import World
from gongbao.feel.runtime import RUNTIME
from gongbao.policy import place

_HEAD = b"gongbao pack 1\n"
_DIGEST = 32
_MANY = 3000  # files of one folder; of more the oldest go. Some ten for each pack of a city: fewer than the packs at
# work, and every start would throw away what the next one looks for
_LATER = ("procedures", "duties", "registers", "units")
_PACKAGES = ("feel", "dmn", "engine", "policy")


def value(key: str) -> Any:
    """The plain value kept under a key; None where there is none, or it is not this user's alone, or is damaged."""
    try:
        return _Reader(io.BytesIO(_kept(key))).load()
    except Exception:  # whatever is wrong with it, it can be made again
        return None


def keep(key: str, value: Any) -> None:
    """Keeps a plain value; where it cannot be kept, nothing happens."""
    with contextlib.suppress(*_CANNOT):
        _keep(key, [_dumped(value)])


def world(key: str) -> World | None:
    """The world kept under a key; None as for `value`."""
    try:
        body = _kept(key)
        size = int.from_bytes(body[:8], "big")
        values, places = _Reader(io.BytesIO(body[8 : 8 + size])).load()
        parts = body[8 + size :]
        get = {name: partial(_load, parts[start:end]) for name, (start, end) in places.items()}
        decisions = Decisions({name.removeprefix("@"): part for name, part in get.items() if name.startswith("@")})
        later = {name: get[name] for name in _LATER} | {"calendar": default_calendar}
        return World.of({**values, "decisions": decisions}, later)
    except Exception:  # whatever is wrong with it, it can be made again
        return None


def keep_world(key: str, world: World) -> None:
    """Keeps a world that was just compiled; where it cannot be kept, nothing happens."""
    if place.folder is None:
        return
    with contextlib.suppress(*_CANNOT):
        parts = {name: _dumped(getattr(world, name)) for name in _LATER}
        parts |= {f"@{name}": _dumped(_warmed(decision)) for name, decision in world.decisions.items()}
        places, at = {}, 0
        for name, part in parts.items():
            places[name] = (at, at + len(part))
            at += len(part)
        left_out = {*_LATER, "decisions", "calendar", "plans", "later"}
        values = {each.name: getattr(world, each.name) for each in fields(world) if each.name not in left_out}
        head = _dumped((values, places))
        _keep(key, [len(head).to_bytes(8, "big"), head, *parts.values()])


_CANNOT = (OSError, ValueError, TypeError, AttributeError, pickle.PicklingError, RecursionError)


class Decisions(Mapping[str, Any]):
    """The decisions of a kept world, each read when it is first asked for."""

    __slots__ = ("_made", "_waiting")

    def __init__(self, waiting: Mapping[str, Callable[[], Any]]) -> None:
        self._waiting = waiting
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._waiting[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, name: object) -> bool:
        return name in self._waiting


@cache
def fingerprint() -> str:
    """What of gongbao and Python the compiled form depends on: the modules by name, size and time, and the bytecode."""
    digest = hashlib.sha256(_HEAD + MAGIC_NUMBER + sys.version.encode())
    root = Path(__file__).resolve().parent.parent
    waiting = [root / package for package in _PACKAGES]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        waiting.append(Path(entry.path))
                elif entry.name.endswith(".py"):
                    seen = entry.stat()
                    digest.update(f"{entry.name} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()


# Files ------------------------------------------------------------------------------------------------------------


def _file(key: str) -> tuple[str, bytes]:
    """The name of the file of a key, and its first bytes."""
    whole = hashlib.sha256(f"{fingerprint()}\0{key}".encode())
    return f"{whole.hexdigest()}.pack", _HEAD + whole.digest()


def _kept(key: str) -> memoryview:
    if place.folder is None:
        raise FileNotFoundError(key)
    name, head = _file(key)
    data = _own_file(place.folder, name)
    if not data.startswith(head) or hashlib.sha256(data[:-_DIGEST]).digest() != data[-_DIGEST:]:
        raise ValueError(f"{name} is damaged")
    return memoryview(data)[len(head) : -_DIGEST]


def _keep(key: str, parts: Iterable[bytes]) -> None:
    if place.folder is None:
        return
    name, head = _file(key)
    data = b"".join([head, *parts])
    _put(place.folder, name, data + hashlib.sha256(data).digest())


# A folder of one's own ----------------------------------------------------------------------------------------------


def _own(folder: Path) -> bool:
    """Whether the folder is one, belongs to this user, and is closed to all others."""
    seen = os.lstat(folder)
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o077


def _own_file(folder: Path, name: str) -> bytes:
    """A file of this user's own folder; OSError where it is none that only this user can have written."""
    if not _own(folder):
        raise PermissionError(folder)
    handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
            raise PermissionError(name)
        return file.read()


def _put(folder: Path, name: str, data: bytes) -> None:
    """The whole file under its name, or none."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    if not _own(folder):
        return
    beside = folder / f".{name}.{os.getpid()}"
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:
            file.write(data)
        os.replace(beside, folder / name)
    finally:
        beside.unlink(missing_ok=True)
    kept = sorted(folder.glob("*.pack"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-_MANY]:
        path.unlink(missing_ok=True)


# Compiled rules as bytes --------------------------------------------------------------------------------------------


def _warmed(decision: Any) -> Any:
    """The decision with what it tells of itself found out already."""
    for name in ("names", "facts", "fact_paths", "plain_facts", "dotted_facts", "settings", "registers", "let_texts",
                 "reads_series", "counts_days", "looks_up", "output_names", "ranked", "listing", "trees"):  # fmt: skip
        getattr(decision, name)
    return decision


def _dumped(value: Any) -> bytes:
    buffer = io.BytesIO()
    _Writer(buffer, protocol=5).dump(value)
    return buffer.getvalue()


def _load(data: memoryview) -> Any:
    return _Reader(io.BytesIO(data)).load()


class _Writer(pickle.Pickler):
    """Generated functions by their code and what they refer to; the functions of packs by their table."""

    def persistent_id(self, value: Any) -> str | None:
        return "functions" if value is FUNCTIONS else None

    def reducer_override(self, value: Any) -> Any:
        if type(value) is types.MappingProxyType:
            return dict, (dict(value),)
        if type(value) is not types.FunctionType or not value.__code__.co_filename.startswith("<FEEL"):
            return NotImplemented
        name, held = value.__name__, value.__globals__
        own = {key: each for key, each in held.items() if key != name and RUNTIME.get(key, held) is not each}
        return revived, (marshal.dumps(value.__code__), name, own)


def revived(code: bytes, name: str, own: dict[str, Any]) -> types.FunctionType:
    """A generated function from its code; it refers to the FEEL runtime and to `own`."""
    return types.FunctionType(marshal.loads(code), {**RUNTIME, **own}, name)


_ALLOWED = {
    "builtins": {"set", "frozenset", "bytearray", "complex", "dict"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "zoneinfo": {"ZoneInfo._unpickle"},
}


class _Reader(pickle.Unpickler):
    """Reads what `_Writer` wrote: classes and functions of gongbao, and plain values."""

    def find_class(self, module: str, name: str) -> Any:
        if name in _ALLOWED.get(module, ()):
            return super().find_class(module, name)
        if module.startswith("gongbao.") and module.split(".")[1] in _PACKAGES:
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
            if getattr(found, "__module__", None) == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        if pid != "functions":
            raise pickle.UnpicklingError(str(pid))
        return FUNCTIONS
