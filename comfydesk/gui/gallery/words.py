"""How the gallery says sizes, times and seeds."""

from __future__ import annotations

import datetime as dt

from comfydesk.gallery.model import GalleryItem

UNITS = ("B", "KB", "MB", "GB")


def size_text(count: int) -> str:
    """A number of bytes as people say it: 1.4 MB."""
    value = float(count)
    for unit in UNITS:
        if value < 1000 or unit == UNITS[-1]:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def files_text(count: int) -> str:
    """How many files: "1 file", "1,204 files"."""
    return "1 file" if count == 1 else f"{count:,} files"


def seed_text(seed: int | None) -> str:
    """A seed with thin groups of three digits, so that it can be read and compared."""
    return "" if seed is None else f"{seed:,}".replace(",", " ")


def when_text(at: float, now: dt.datetime | None = None) -> str:
    """The local time of day, with the date when it is not today."""
    moment = dt.datetime.fromtimestamp(at)
    today = (now or dt.datetime.now()).date()
    clock = moment.strftime("%H:%M")
    return f"today {clock}" if moment.date() == today else f"{moment:%Y-%m-%d} {clock}"


def facts_line(item: GalleryItem) -> str:
    """Size, weight, time and place of a file in one line."""
    parts = []
    if item.width and item.height:
        parts.append(f"{item.width} × {item.height}")
    parts.append(size_text(item.size))
    parts.append(when_text(item.created_at))
    if item.took is not None:
        parts.append(f"{item.took:.1f} s on {item.host}" if item.host else f"{item.took:.1f} s")
    elif item.host:
        parts.append(item.host)
    return " · ".join(parts)


def value_text(value: object) -> str:
    """A parameter's value for a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if value != int(value) else f"{value:.1f}"
    return str(value)


def clock_text(seconds: float) -> str:
    """How long something plays: 0:05, 1:02:03; what plays at all plays a second."""
    whole = max(1, round(seconds))
    minutes = f"{whole // 60 % 60}" if whole < 3600 else f"{whole // 3600}:{whole // 60 % 60:02}"
    return f"{minutes}:{whole % 60:02}"
