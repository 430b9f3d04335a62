"""What the walks through a real Chromium share: when they are skipped, pictures of a page, and whether it fits its window."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WALK = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium（apt install chromium）")]
WIDTHS = (1280, 390)

_FITS = "width => document.documentElement && document.documentElement.scrollWidth <= width"


def picture(page, name: str) -> None:
    """A picture of the whole page in the folder GONGBAO_SHOTS names; none where it names none."""
    folder = os.environ.get("GONGBAO_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def too_wide(page, name: str, width: int) -> list[str]:
    """[] when the page fits a window of `width` pixels, else one line saying that it does not.

    It is asked again for some seconds: a click's navigation may be under way, and a page is laid out anew only some
    time after its window has changed.
    """
    from playwright.sync_api import TimeoutError as Late

    try:
        page.wait_for_function(_FITS, arg=width, timeout=5_000)
    except Late:
        return [f"{name} 宽于 {width}"]
    return []


def shot(page, name: str) -> list[str]:
    """The page in a wide and a narrow window: pictures of both, and a line for each that it overflows."""
    page.wait_for_load_state("domcontentloaded")
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wrong += too_wide(page, name, width)
        picture(page, f"{name}-{width}")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return wrong
