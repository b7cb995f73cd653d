"""The engine's half that makes a form's values the defaults of its workflow: the only thing that changes its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.engine.model import OpenWorkflow
from comfydesk.form import defaults
from comfydesk.form.fields import SeedMode
from comfydesk.library import files
from comfydesk.library.model import WorkflowEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfydesk.library.library import Library


@dataclass(frozen=True, slots=True)
class SavedDefaults:
    """What `save_defaults` did. `before`: the file as it was, None for a starter, of which there is a copy now."""

    entry: WorkflowEntry
    before: bytes | None = field(repr=False)


class DefaultsDesk:
    """Mixed into Engine; files are touched on the "library" lane."""

    library: Library

    if TYPE_CHECKING:

        async def _library(self, work: Callable[..., Any], *arguments: Any) -> Any: ...

    async def save_defaults(
        self, opened: OpenWorkflow, values: Mapping[str, Any], modes: Mapping[str, SeedMode]
    ) -> SavedDefaults:
        """Write a form's values into the workflow's own file, as a new version; a starter is copied into the library.

        Raises Problem value_type, workflow_gui, workflow_unknown for what is not in the library, disk_write, disk_full.
        """
        saved: SavedDefaults = await self._library(self._save_defaults, opened, dict(values), dict(modes))
        return saved

    async def undo_defaults(self, saved: SavedDefaults) -> None:
        """Put the file back that was there before; the version in between stays among its versions."""
        name = saved.entry.name
        if saved.before is None:
            await self._library(self.library.remove, [name])
        else:
            await self._library(self.library.save, name, saved.before, "restored")

    def _save_defaults(
        self, opened: OpenWorkflow, values: Mapping[str, Any], modes: Mapping[str, SeedMode]
    ) -> SavedDefaults:
        source, made = opened.source, opened.made
        if source is None or made is None:
            raise Problem("workflow_gui", file=opened.entry.title)
        data = defaults.content(source, made, opened.form, values, modes)
        record = self.library.record(opened.entry.name)
        before = None if self.library.is_original(record) else files.read(Path(record.found.path))
        return SavedDefaults(self.library.save(record.found.name, data), before)
