"""What the library says of a workflow."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QLocale

from comfydesk.gui.widgets.labels import beginning, counted
from comfydesk.library.model import WorkflowEntry

translate = QCoreApplication.translate


def section_words() -> dict[str, str]:
    """The headings of the list, by the keys that `Sections` wants."""
    return {
        "mine": translate("Library", "Mine"),
        "starters": translate("Library", "Starters"),
        "favourites": translate("Library", "Favourites"),
        "recent": translate("Library", "Recent"),
        "all": translate("Library", "All workflows"),
        "today": translate("Library", "Today"),
        "week": translate("Library", "Last seven days"),
        "older": translate("Library", "Older"),
        "never": translate("Library", "Not opened yet"),
        "found": translate("Library", "Found"),
    }


def nodes_text(count: int) -> str:
    """ "7 nodes"."""
    return counted(count, translate("Library", "{n} node"), translate("Library", "{n} nodes"))


def workflows_text(count: int) -> str:
    """ "3 workflows"."""
    return counted(count, translate("Library", "{n} workflow"), translate("Library", "{n} workflows"))


def facts(entry: WorkflowEntry, *, with_folder: bool = False) -> str:
    """The second line of a row: "portraits · 7 nodes · 214 results"."""
    if entry.problem:
        return translate("Library", "Cannot be read")
    parts = [entry.folder] if with_folder and entry.folder else []
    is_read = entry.kind or entry.node_count or entry.is_starter
    parts.append(nodes_text(entry.node_count) if is_read else translate("Library", "Reading…"))
    if entry.kind == "api" and not entry.is_starter:
        parts.append(translate("Library", "API"))
    if entry.results:
        parts.append(counted(entry.results, translate("Library", "{n} result"), translate("Library", "{n} results")))
    return " · ".join(parts)


def entry_tip(entry: WorkflowEntry) -> str:
    """All that is known, for the tooltip; plain text."""
    lines = [beginning(entry.title)]
    if entry.problem:
        lines.append(beginning(entry.problem))
    if entry.is_starter:
        lines.append(translate("Library", "Came with ComfyDesk"))
    elif entry.folder:
        lines.append(translate("Library", "In {folder}").format(folder=entry.folder))
    if entry.tags:
        lines.append(", ".join(entry.tags))
    if entry.models:
        names = ", ".join(entry.models[:4])
        more = len(entry.models) - 4
        lines.append(names if more <= 0 else translate("Library", "{names} and {n} more").format(names=names, n=more))
    if entry.modified_at > 0 and not entry.is_starter:
        lines.append(translate("Library", "Changed {when}").format(when=when(entry.modified_at)))
    return "\n".join(lines)


def spoken(entry: WorkflowEntry) -> str:
    """What a screen reader says of a row."""
    parts = [beginning(entry.title), facts(entry)]
    if entry.favourite:
        parts.append(translate("Library", "favourite"))
    return ", ".join(parts)


def when(moment: float) -> str:
    """ "today 14:02", "3 Mar 2026 14:02"; seconds since the epoch."""
    at, now = time.localtime(moment), time.localtime()
    clock = time.strftime("%H:%M", at)
    if (at.tm_year, at.tm_yday) == (now.tm_year, now.tm_yday):
        return translate("Library", "today {time}").format(time=clock)
    month = QLocale().monthName(at.tm_mon, QLocale.FormatType.ShortFormat)
    return f"{at.tm_mday} {month} {at.tm_year} {clock}"


def size_text(size: int) -> str:
    """ "12 KB"."""
    return QLocale().formattedDataSize(size, 0 if size < 1_000_000 else 1, QLocale.DataSizeFormat.DataSizeSIFormat)
