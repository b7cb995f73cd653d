"""The engine's half that deals with workflows: open one as a form, check it, queue runs of it."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.engine.model import OpenWorkflow, Queued
from comfydesk.form import build, check, match, paid, prefixes, runs
from comfydesk.form.fields import Form, Issue, LocalFile, SeedMode
from comfydesk.jobs.inputs import Inputs
from comfydesk.jobs.model import InputFile, JobRequest
from comfydesk.library.model import LibraryChanged, WorkflowEntry
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.parse import parse
from comfydesk.workflow.specs import Specs

if TYPE_CHECKING:
    from comfydesk.base.changes import ChangeStream
    from comfydesk.base.paths import Home
    from comfydesk.base.runtime import Lane, Runtime
    from comfydesk.jobs.hosts import HostPool
    from comfydesk.jobs.queue import Queue
    from comfydesk.library.library import Library


class WorkDesk:
    """Workflows and runs. Mixed into Engine; file access and form building run on the "files" lane."""

    home: Home
    runtime: Runtime
    changes: ChangeStream
    hosts: HostPool
    queue: Queue
    library: Library
    _last_prompts: dict[str, Mapping[str, Any]]  # by workflow: what the next press is compared with

    def _files(self) -> Lane:
        return self.runtime.lane("files", 1)

    async def workflows(self) -> list[WorkflowEntry]:
        """The library: starters first, then the person's own by name."""
        return await self._files().run(self.library.list)

    async def import_workflow(self, path: str) -> WorkflowEntry:
        """Copy a workflow file into the library. Raises Problem when it is not one; never runs or uploads anything."""
        from pathlib import Path

        entry = await self._files().run(self.library.add, Path(path))
        self.changes.publish(LibraryChanged())
        return entry

    async def remove_workflow(self, name: str) -> None:
        """Put a workflow of the person's own into the trash."""
        await self._files().run(self.library.remove, name)
        self.changes.publish(LibraryChanged())

    async def save_draft(self, name: str, draft: Mapping[str, Any]) -> None:
        """Keep what was typed into a form for the next start; the workflow file itself does not change."""
        await self._files().run(self.library.save_draft, name, dict(draft))

    async def open_workflow(self, name_or_path: str, host_id: str | None) -> OpenWorkflow:
        """Read a workflow and make its form with the node specs of a host, or from JSON types when there are none.

        Raises Problem (workflow_unknown, workflow_gui, workflow_json, …).
        """
        entry, graph, draft = await self._files().run(self._read, name_or_path)
        info: Mapping[str, Any] | None = None
        address = ""
        if host_id is not None and (link := self.hosts.link(host_id)) is not None:
            address = link.host.name or link.host.url
            try:
                info = await self.hosts.specs(host_id, {node.class_type for node in graph.nodes.values()})
            except Problem:
                info = None  # the host is away and was never seen: the form comes from the file's own values

        def make() -> OpenWorkflow:
            specs = Specs.from_object_info(info) if info is not None else None
            form = build.build(graph, specs)
            values = {field.key: field.value for field in form.fields}
            issues = tuple(check.check(graph, form, values, specs, address))
            source = "host" if specs else "none"
            return OpenWorkflow(entry, host_id or "", graph, form, specs, source, draft, issues, address)

        return await self._files().run(make)

    def _read(self, name_or_path: str) -> tuple[WorkflowEntry, Graph, dict[str, Any] | None]:
        path = self.library.find(name_or_path)
        entry = self.library.entry(path)
        graph = parse(self.library.read(str(path)), path.name)
        return entry, graph, self.library.draft(entry.name)

    async def check(self, opened: OpenWorkflow, values: Mapping[str, Any]) -> list[Issue]:
        """What has to be mended before these values can run on the host that the form was made for."""
        return await self._files().run(
            lambda: check.check(opened.graph, opened.form, values, opened.specs, opened.address)
        )

    async def mend(
        self, opened: OpenWorkflow, values: Mapping[str, Any], issues: Sequence[Issue], choice: Any = None
    ) -> dict[str, Any]:
        """The values with `choice`, or each issue's first suggestion, taken everywhere the same missing name occurs."""
        return match.mend(opened.form, values, issues, choice)

    async def queue_runs(
        self,
        opened: OpenWorkflow,
        values: Mapping[str, Any],
        modes: Mapping[str, SeedMode],
        count: int,
        host_id: str,
        *,
        front: bool = False,
        previews: bool = True,
        out_dir: str | None = None,
        template: str | None = None,
        keep_temp: bool = False,
        draw_each: bool = False,
        allow_paid: bool = False,
    ) -> Queued:
        """Freeze `count` runs of a form and commit them as jobs. Nothing is sent before all are committed.

        `draw_each`: random seeds are drawn for every run, not once and counted up from there.

        Raises Problem for a value that cannot be sent or a local file that is not there, and paid_nodes for runs that
        cost money: whoever may decide that asks, and calls again with `allow_paid`.
        """
        chosen, inputs = await self._files().run(self._take_inputs, opened.form, dict(values))
        previous = self._last_prompts.get(opened.entry.name)
        plan = await self._files().run(
            lambda: runs.plan_runs(
                opened.graph, opened.form, chosen, modes, count, previous=previous, draw_each=draw_each
            )
        )
        prefixes.refuse_unsafe(opened.graph, plan.runs[0].prompt, {f.key: f.label for f in opened.form.fields})
        if not allow_paid:
            await self._refuse_paid(opened, host_id, len(plan.runs))
        press = uuid.uuid4().hex
        requests = [
            JobRequest(
                workflow=opened.entry.title,
                prompt=run.prompt,
                host_id=host_id,
                seed=run.seed,
                differs=run.differs,
                index=index,
                press=press,
                out_dir=out_dir,
                template=template or "{time}_{seed}",
                keep_temp=keep_temp,
                previews=previews,
                inputs=inputs,
                titles=opened.form.titles,
                params=run.params,
                front=front,
                output_noun=opened.form.output_noun,
            )
            for index, run in enumerate(plan.runs)
        ]
        jobs = await self.queue.add(requests)
        self._last_prompts[opened.entry.name] = plan.runs[-1].prompt
        return Queued(press, tuple(jobs), tuple(run.seed for run in plan.runs), plan.reason, plan.next_seeds)

    async def _refuse_paid(self, opened: OpenWorkflow, host_id: str, runs_: int) -> None:
        """Raise Problem paid_nodes where these runs would cost money. Without any word of the host, names decide."""
        specs = opened.specs
        if specs is None:
            with contextlib.suppress(Problem):
                classes = {node.class_type for node in opened.graph.nodes.values()}
                specs = Specs.from_object_info(await self.hosts.specs(host_id, classes))
        found = await self._files().run(paid.paid_nodes, opened.graph, specs)
        if found:
            raise paid.ask(found, runs_)

    def _take_inputs(self, form: Form, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[InputFile, ...]]:
        """Copy picked files into the home and put the names that they will have on any host into the values."""
        from pathlib import Path

        inputs = Inputs(self.home)
        taken: dict[str, InputFile] = {}
        for key, value in values.items():
            if isinstance(value, LocalFile):
                if value.path not in taken:
                    taken[value.path] = inputs.take(Path(value.path))
                values[key] = taken[value.path].name
        return values, tuple(taken.values())
