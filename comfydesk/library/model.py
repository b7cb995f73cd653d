"""What the workflow library shows: plain frozen types."""

from __future__ import annotations

from dataclasses import dataclass

from comfydesk.base.changes import Change


@dataclass(frozen=True, slots=True)
class WorkflowEntry:
    """One workflow in the library. `name` is its id: the file's stem, unique without regard to case."""

    name: str
    title: str  # "SDXL", "Flux Schnell"
    path: str
    node_count: int
    is_starter: bool
    modified_at: float
    results: int = 0
    thumbnail: str = ""  # path of the newest result


@dataclass(frozen=True, slots=True)
class LibraryChanged(Change):
    @property
    def key(self) -> object:
        return "library"
