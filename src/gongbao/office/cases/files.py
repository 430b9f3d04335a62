"""Scans and other evidence: kept once by their content under GONGBAO_HOME/files, named in events as digest/name."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

LIMIT = 20 * 1024 * 1024
KINDS = {
    ".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml", ".csv": "text/csv", ".txt": "text/plain; charset=utf-8", ".mp3": "audio/mpeg", ".wav": "audio/wav",
}  # fmt: skip
_NAME = re.compile(r"[\x00-\x1f/\\<>:\"|?*]")


class BadFile(ValueError):
    """A file that the office does not take, with the reason."""


def keep(upload: UploadedFile) -> str:
    """Store an upload; the reference that goes into an event's evidence (`<sha256>/<name>`)."""
    name = _NAME.sub("_", Path(upload.name or "文件").name)[-80:]
    suffix = Path(name).suffix.lower()
    if suffix not in KINDS:
        raise BadFile(f"不收“{suffix or name}”类文件；只收 {'、'.join(KINDS)}")
    if (upload.size or 0) > LIMIT:
        raise BadFile(f"“{name}”有 {upload.size / 1024 / 1024:.1f} MB，超过 {LIMIT // 1024 // 1024} MB")
    digest = hashlib.sha256()
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            out.write(chunk)
    target = folder / digest.hexdigest()[:2] / digest.hexdigest()
    target.parent.mkdir(exist_ok=True)
    os.replace(out.name, target)
    return f"{digest.hexdigest()}/{name}"


def path_of(digest: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise FileNotFoundError(digest)
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest
