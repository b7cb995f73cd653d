"""Rows for what a host has: its workflows by folder, its templates by category; or what a search finds, best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from comfydesk.base.fuzzy import rank
from comfydesk.gui.library.rows import TwoLines
from comfydesk.gui.library.words import size_text, when

if TYPE_CHECKING:
    from comfydesk.server.templates import RemoteTemplate
    from comfydesk.server.userdata import RemoteWorkflow

translate = QCoreApplication.translate


def workflow_rows(items: Sequence[RemoteWorkflow], query: str) -> list[TwoLines]:
    """Under the names of their folders."""
    if query:
        return [_workflow(items[place], with_folder=True) for place in rank(query, [item.name for item in items])]
    return _under((item.folder.replace("/", " / "), _workflow(item)) for item in items)


def template_rows(items: Sequence[RemoteTemplate], query: str) -> list[TwoLines]:
    """Under the names of their categories, in the host's order."""
    if query:
        texts = [" ".join((item.title, *item.tags, *item.models, item.category)) for item in items]
        return [_template(items[place]) for place in rank(query, texts)]
    return _under((item.category, _template(item)) for item in items)


def _under(rows: Iterable[tuple[str, TwoLines]]) -> list[TwoLines]:
    """A heading before each group, the groups in the order in which they come first."""
    groups: dict[str, list[TwoLines]] = {}
    for heading, row in rows:
        groups.setdefault(heading, []).append(row)
    made: list[TwoLines] = []
    for heading, held in groups.items():
        if heading:
            made.append(TwoLines(heading))
        made += held
    return made


def _workflow(item: RemoteWorkflow, *, with_folder: bool = False) -> TwoLines:
    parts = [item.folder.replace("/", " / ")] if with_folder and item.folder else []
    if item.modified_at > 0:
        parts.append(when(item.modified_at))
    if item.size:
        parts.append(size_text(item.size))
    return TwoLines(item.title, " · ".join(parts), item=item)


def _template(item: RemoteTemplate) -> TwoLines:
    parts = [", ".join(item.models[:3])] if item.models else []
    if item.size:
        parts.append(size_text(item.size))
    mark = "" if item.open_source else translate("Library", "paid service")
    description = " ".join(item.description[:600].split())
    return TwoLines(item.title, description, " · ".join(parts), mark, "warning", item, f"{item.source}/{item.name}")
