"""Files that ship with ComfyDesk: icons, starter workflows, desktop files."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """The resources folder in a frozen build, an installed wheel or a checkout."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen) / "resources"
    package = Path(__file__).resolve().parent.parent
    installed = package / "_resources"  # the wheel carries them inside the package
    return installed if installed.is_dir() else package.parent / "resources"


def path(name: str) -> Path:
    """The path of the resource `name`, e.g. ``workflows/sdxl.json``."""
    return root() / name
