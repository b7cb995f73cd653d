"""How the grid is divided: by day and workflow, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from comfydesk.gallery.model import GalleryItem

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def section_of(item: GalleryItem, today: date) -> str:
    """The heading under which an item stands: "Today · SDXL", "Friday · SDXL", "Friday 3 March · SDXL"."""
    return title(item.created_at, item.workflow, today)


def title(created_at: float, workflow: str, today: date) -> str:
    """As `section_of`, from the facts alone; `created_at` in seconds since 1970, shown in local time."""
    day = _day(datetime.fromtimestamp(created_at).date(), today)
    return f"{day} · {workflow}" if workflow else day


def runs(rows: Iterable[tuple[float, str]], today: date) -> list[tuple[str, int]]:
    """(heading, how many) for rows of (created_at, workflow) in the order of the grid."""
    return [(name, sum(1 for _ in group)) for name, group in groupby(title(*row, today) for row in rows)]


def _day(day: date, today: date) -> str:
    ago = (today - day).days
    if ago == 0:
        return "Today"
    if ago == 1:
        return "Yesterday"
    if 1 < ago < 7:
        return _DAYS[day.weekday()]
    text = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return text if day.year == today.year else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
