"""What the engine gives to window and commands: plain frozen types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comfydesk.form.fields import Form, Issue, SeedMode
from comfydesk.form.profile import NO_PROFILE, Profile
from comfydesk.jobs.model import Job
from comfydesk.library.model import WorkflowEntry
from comfydesk.workflow.conversion import Conversion
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.opening import Opened
from comfydesk.workflow.source import Source
from comfydesk.workflow.specs import Specs


@dataclass(frozen=True, slots=True)
class OpenWorkflow:
    """A workflow with the form that was made for one host.

    `specs_from`: "host" (or its cache) | "none" (form from JSON types; any value goes). `draft`: what the person had
    typed the last time, as `save_draft` got it. `issues`: what the file's own values lack on that host. `source`: what
    the file holds; `made`: how it became the graph. `profile`: how the form is arranged, by the person or else as
    `author` says, by whom the workflow is; `seed_modes`: by field key, of the editor's file.
    """

    entry: WorkflowEntry
    host_id: str
    graph: Graph
    form: Form
    specs: Specs | None
    specs_from: str
    draft: Mapping[str, Any] | None
    issues: tuple[Issue, ...]
    address: str = ""
    source: Source | None = None
    made: Opened | None = None
    profile: Profile = NO_PROFILE
    author: Profile = NO_PROFILE
    seed_modes: Mapping[str, SeedMode] = field(default_factory=dict)

    @property
    def conversion(self) -> Conversion | None:
        """How the editor's graph became the prompt; None for a workflow in API format."""
        return self.made.conversion if self.made is not None else None

    @property
    def needs_host(self) -> bool:
        """The form is empty: the file is in the editor's format, and no host has told what its nodes take."""
        return self.made is not None and self.made.needs_host


@dataclass(frozen=True, slots=True)
class Queued:
    """What one press of Queue became. `reason` says why fewer runs than asked were made, else "".

    `next_seeds`: what the seed fields hold afterwards, by key: the last one used, or the next of increment/decrement.
    """

    press: str
    jobs: tuple[Job, ...]
    seeds: tuple[int | None, ...]
    reason: str = ""
    next_seeds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where a workflow that was saved on a host can be opened in ComfyUI's page.

    `opens_itself`: the page at `url` shows it at once. Else a person opens it there: Workflows in the side bar (key W),
    then `name` ("ComfyDesk/fox"); the page has no address for one saved workflow (frontend 1.49).
    """

    url: str
    path: str  # below the host's folder of workflows
    name: str
    opens_itself: bool
