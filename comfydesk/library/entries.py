"""From what lies in the folder and what is known of it to what a list shows. Pure but for the look at the starters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from comfydesk.base import resources
from comfydesk.library.folder import Found, Scan, stamp_of
from comfydesk.library.history import Use
from comfydesk.library.index import Row
from comfydesk.library.model import WorkflowEntry
from comfydesk.library.names import STARTERS, is_starter, split


def entry_of(item: Found, row: Row, use: Use, pictures: Path, results: Mapping[str, int]) -> WorkflowEntry:
    """The entry of a file of the library. `pictures`: where the newest results lie; `results`: by title, how many."""
    where, title = split(item.name)
    starts = not where and is_starter(title)
    newest = str(pictures / use.cover) if use.cover else ""
    title = STARTERS[title.casefold()] if starts else title
    return WorkflowEntry(
        name=item.name,
        title=title,
        path=item.path,
        node_count=row.facts.node_count,
        is_starter=starts,
        modified_at=item.stamp[0] / 1e9,
        results=results.get(title, 0),
        thumbnail=row.picture if row.is_chosen and row.picture else newest or row.picture,
        folder=where,
        tags=row.tags,
        favourite=row.favourite,
        opened_at=use.opened_at,
        kind=row.facts.kind,
        models=row.facts.models,
        problem=item.problem or row.facts.problem,
    )


def starters(scan: Scan) -> dict[str, Found]:
    """Those that were not changed; a changed one is a file of the person's own."""
    own = {name.casefold() for name in scan.files}
    found: dict[str, Found] = {}
    for name in STARTERS:
        path = resources.path(f"workflows/{name}.json")
        if name not in own and path.is_file():
            found[name] = Found(name, str(path), stamp_of(path.stat()), scan.sidecars.get(name), "")
    return found
