"""The engine's half that deals with presets, and with taking a form's values elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.engine.model import OpenWorkflow
from comfydesk.engine.reshaping import reshaped
from comfydesk.form import build, compare, copy_as, paid, preset_file, runs
from comfydesk.form.copy_as import Asked, Upload
from comfydesk.form.fields import LocalFile, SeedMode
from comfydesk.form.presets import Preset
from comfydesk.form.shells import Shell
from comfydesk.library import files
from comfydesk.library.styles import StyleFolder
from comfydesk.server.types import AuthKind, Host
from comfydesk.workflow import name_patterns
from comfydesk.workflow.parse import from_prompt

if TYPE_CHECKING:
    from comfydesk.base.runtime import Lane
    from comfydesk.form.prompt_text.wildcards import Files
    from comfydesk.jobs.hosts import HostPool
    from comfydesk.jobs.model import InputFile
    from comfydesk.library.library import Library
    from comfydesk.server.hosts import HostBook

PYTHON, CURL, API = "python", "curl", "api"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The presets that a workflow can have: its own, the one of them that was applied last, and the styles."""

    own: tuple[Preset, ...] = ()
    active: str = ""
    styles: tuple[Preset, ...] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """What a press of Queue would take from the form. `skipped`: output nodes that shall not run."""

    values: Mapping[str, Any]
    modes: Mapping[str, SeedMode]
    count: int = 1
    host_id: str = ""
    targets: tuple[str, ...] = ()


class PresetDesk:
    """Mixed into Engine; files are read and written on the "files" lane."""

    home: Home
    hosts: HostPool
    hostbook: HostBook
    library: Library

    if TYPE_CHECKING:

        @property
        def wildcards(self) -> Files: ...

        def _files(self) -> Lane: ...

        def _take_inputs(self, form: Any, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[InputFile, ...]]: ...

    async def presets(self, name: str) -> Shelf:
        """What there is for a workflow."""

        def read() -> Shelf:
            own, active = preset_file.of_kept(self.library.kept(name, "presets"))
            return Shelf(own, active, self._styles.list())

        return await self._files().run(read)

    async def keep_presets(self, name: str, own: Sequence[Preset], active: str) -> None:
        """Keep a workflow's own presets beside it. Raises Problem disk_write, disk_full or preset_many."""
        content = preset_file.to_kept(own, active)
        if len(json.dumps(content)) > preset_file.MAX_BYTES:
            raise Problem("preset_many", limit=f"{preset_file.MAX_BYTES >> 20} MB of")
        await self._files().run(self.library.keep, name, "presets", content)

    async def save_style(self, preset: Preset, instead_of: str = "") -> None:
        """Write a style for all workflows, in the place of the one named `instead_of` or of its own name."""
        await self._files().run(self._styles.save, preset, instead_of)

    async def remove_style(self, name: str) -> None:
        await self._files().run(self._styles.remove, name)

    async def read_presets(self, path: str) -> tuple[Preset, ...]:
        """The presets in an exported file. Raises Problem preset_not, file_missing or file_unreadable."""
        file = Path(path)

        def read() -> tuple[Preset, ...]:
            return preset_file.read(files.read(file, preset_file.MAX_BYTES), file.name)

        return await self._files().run(read)

    async def write_presets(self, path: str, presets: Sequence[Preset], workflow: str) -> None:
        """Write presets where the person asked for it. Raises Problem disk_write or disk_full."""
        await self._files().run(files.write, Path(path), preset_file.write(presets, workflow))

    async def values_of(self, opened: OpenWorkflow, prompt: Mapping[str, Any]) -> dict[str, Any]:
        """What a result's prompt says for the fields of an open form, by key; of another workflow's by role."""

        def find() -> dict[str, Any]:
            if compare.is_of(opened.graph, prompt):
                return compare.of_prompt(opened.graph, opened.form, prompt)
            return compare.by_role(opened.form, build.build(from_prompt(dict(prompt)), opened.specs))

        return await self._files().run(find)

    async def copy_as(self, opened: OpenWorkflow, press: Press, way: str) -> str:
        """The form as text: `way` is a Shell's value, "python", "curl" or "api".

        The seeds are those that the form shows. Raises Problem copy_keys, value_type, input_missing, …
        """
        opened = await self._files().run(reshaped, opened, press.values)
        host = self._host_of(press.host_id)
        if way in (CURL, API):
            return await self._files().run(self._frozen, opened, press, way, host)
        asked = self._asked(opened, press, host)
        if way == PYTHON:
            return await self._files().run(copy_as.python, asked)
        return await self._files().run(copy_as.command_line, asked, Shell(way))

    @property
    def _styles(self) -> StyleFolder:
        return StyleFolder(self.home.presets)

    def _host_of(self, host_id: str) -> Host | None:
        link = self.hosts.link(host_id) if host_id else None
        return link.host if link is not None else None

    def _name_of(self, opened: OpenWorkflow) -> str:
        """How a command finds the workflow: by its name in the library, else by its file."""
        name, path = opened.entry.name, opened.entry.path
        return name if self.library.name_of(Path(path)) == name else path

    def _asked(self, opened: OpenWorkflow, press: Press, host: Host | None) -> Asked:
        form = opened.form
        main = next((press.modes[item.key] for item in form.fields if item.key in press.modes), SeedMode.RANDOM)
        root = self.home.root.parent if self.home.is_demo else self.home.root
        saved = host is not None and self.hostbook.get(host.name) == host
        return Asked(
            workflow=self._name_of(opened),
            form=form,
            values=press.values,
            count=press.count,
            mode=main,
            host="" if host is None else host.name if saved else host.url,
            home="" if root == Home.usual().root else str(root),
            is_demo=self.home.is_demo,
            is_paid=bool(paid.paid_nodes(opened.graph, opened.specs, ())),
            unused=tuple(title for node_id, title, _ in form.outputs if press.targets and node_id not in press.targets),
        )

    def _frozen(self, opened: OpenWorkflow, press: Press, way: str, host: Host | None) -> str:
        values, _ = self._take_inputs(opened.form, dict(press.values))
        fixed = dict.fromkeys(press.modes, SeedMode.FIXED)
        plan = runs.plan_runs(opened.graph, opened.form, values, fixed, 1, files=self.wildcards)
        titles = opened.conversion.named if opened.conversion is not None else {}
        prompt = name_patterns.fill_in(plan.runs[0].prompt, datetime.now().astimezone(), named=titles)
        if way == API:
            return copy_as.api_json(prompt)
        named = {values[key]: file.path for key, file in press.values.items() if isinstance(file, LocalFile)}
        uploads = tuple(Upload(path, *reversed(name.split("/", 1))) for name, path in named.items())
        return copy_as.curl(host.url if host is not None else "", prompt, uploads, press.targets, _login(host))


def _login(host: Host | None) -> str:
    """How curl has to be told what it needs to know of the host; the secret itself stays in the keychain."""
    if host is None:
        return ""
    found = {
        AuthKind.BASIC: "This host asks for a login: add --user NAME",
        AuthKind.BEARER: "This host asks for a token: add -H @FILE, with the line “Authorization: Bearer …” in FILE",
    }.get(host.auth, "")
    if host.trust.pin:
        found = ". ".join(filter(None, (found, "Its certificate is its own: add --cacert FILE")))
    return found
