"""What the workflow library shows: plain frozen types."""

from __future__ import annotations

from dataclasses import dataclass

from comfydesk.base.changes import Change


@dataclass(frozen=True, slots=True)
class WorkflowEntry:
    """One workflow in the library. `name` is its id: the path below the library's folder without ".json".

    Parts are joined by "/" ("portraits/fox"); a name is unique without regard to case.
    """

    name: str
    title: str  # "SDXL", "Flux Schnell"
    path: str
    node_count: int
    is_starter: bool
    modified_at: float
    results: int = 0  # files in the gallery under this title, where only one workflow has it
    thumbnail: str = ""  # path of a small picture: one that was chosen, or of the newest result
    folder: str = ""  # "portraits"; "" at the top
    tags: tuple[str, ...] = ()
    favourite: bool = False
    opened_at: float = 0.0  # 0: never
    kind: str = ""  # "api" | "gui" | "" (not read yet, or no workflow)
    models: tuple[str, ...] = ()  # model files that it names
    problem: str = ""  # a sentence: why this file cannot be opened


@dataclass(frozen=True, slots=True)
class Version:
    """One state that a workflow's file has had. `why`: "first" | "saved" | "outside" | "restored"."""

    version_id: int
    saved_at: float
    size: int  # bytes of the file
    why: str
    is_current: bool  # the newest one, which is what the file holds


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a look at the folder found. `left`: files that have not been read yet."""

    is_changed: bool = False
    contents: tuple[str, ...] = ()  # known workflows whose file holds another workflow now
    left: int = 0


@dataclass(frozen=True, slots=True)
class LibraryChanged(Change):
    """Workflows, folders, tags or their order may be others now."""

    @property
    def key(self) -> object:
        return "library"


@dataclass(frozen=True, slots=True)
class WorkflowFileChanged(Change):
    """The file of this workflow holds another workflow than before: by another program, or by going back."""

    name: str

    @property
    def key(self) -> object:
        return ("workflow file", self.name)
