"""The engine's half that deals with how a form is arranged: kept beside the workflow, brought in, given away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfydesk.engine.model import OpenWorkflow
from comfydesk.form import build, profile, profile_file
from comfydesk.form.profile import Profile
from comfydesk.library import files

if TYPE_CHECKING:
    from comfydesk.base.runtime import Lane
    from comfydesk.library.library import Library


class FormDesk:
    """Profiles. Mixed into Engine; file access and form building run on the "files" lane."""

    library: Library

    if TYPE_CHECKING:

        def _files(self) -> Lane: ...

    async def workflow_profile(self, name: str) -> Profile:
        """How the person arranged a workflow's form; an empty profile where they did not."""
        return profile.from_json(await self._files().run(self.library.kept, name, "profile"))

    async def set_workflow_profile(self, name: str, content: Mapping[str, Any]) -> None:
        """Keep an arrangement (as `Profile.to_json` has it); {} goes back to the author's, or the graph's own."""
        cleaned = profile.from_json(content).to_json()
        await self._files().run(self.library.keep, name, "profile", cleaned or None)

    async def arrange_form(self, opened: OpenWorkflow, chosen: Profile) -> OpenWorkflow:
        """The same workflow with its form in another arrangement, kept for the next time.

        An empty profile goes back to the author's, or to what the graph's structure says. Raises Problem disk_write or
        disk_full.
        """
        made = await self._files().run(rebuilt, opened, chosen or opened.author)
        await self.set_workflow_profile(opened.entry.name, chosen.to_json())
        return made

    async def read_profile(self, path: str) -> Profile:
        """The arrangement in an exported file. Raises Problem profile_not, file_missing or file_unreadable."""
        file = Path(path)
        data = await self._files().run(files.read, file, profile_file.MAX_BYTES)
        return await self._files().run(profile_file.read, data, file.name)

    async def write_profile(self, path: str, chosen: Profile, workflow: str) -> None:
        """Write an arrangement where the person asked for it. Raises Problem disk_write or disk_full."""
        await self._files().run(files.write, Path(path), profile_file.write(chosen, workflow))


def rebuilt(opened: OpenWorkflow, chosen: Profile) -> OpenWorkflow:
    """The workflow with the form that this profile makes of it."""
    form = build.build(opened.graph, opened.specs, chosen, opened.seed_modes, opened.form.structure)
    return replace(opened, form=form, profile=chosen)
