"""How the server names what it saves: `{prefix}_{counter}_.png`, in sub-folders that the prefix names."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next files of a prefix go. `counter` is one more than the highest on disk."""

    folder: Path
    subfolder: str
    stem: str
    counter: int


def place(prefix: str, root: Path, width: int = 0, height: int = 0) -> Place:
    """Raises ValueError for a prefix that leads out of `root`."""
    prefix = _filled(prefix, width, height).replace("\\", "/")
    folder = (root / prefix).parent
    stem = Path(prefix).name
    if not folder.resolve().is_relative_to(root.resolve()):
        raise ValueError(
            "**** ERROR: Saving image outside the output folder is not allowed."
            f"\n full_output_folder: {folder.resolve()}\n         output_dir: {root.resolve()}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    sub = folder.resolve().relative_to(root.resolve())
    return Place(folder, "" if sub == Path() else str(sub), stem, _highest(folder, stem) + 1)


def _highest(folder: Path, stem: str) -> int:
    pattern = re.compile(re.escape(stem) + r"_(\d+)(?:_|\.)")
    return max((int(m[1]) for f in folder.iterdir() if (m := pattern.match(f.name))), default=0)


def _filled(prefix: str, width: int, height: int) -> str:
    now = time.localtime()
    facts = {
        "width": width,
        "height": height,
        "year": now.tm_year,
        "month": f"{now.tm_mon:02}",
        "day": f"{now.tm_mday:02}",
        "hour": f"{now.tm_hour:02}",
        "minute": f"{now.tm_min:02}",
        "second": f"{now.tm_sec:02}",
    }
    for name, value in facts.items():
        prefix = prefix.replace(f"%{name}%", str(value))
    return prefix
