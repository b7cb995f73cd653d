"""The engine's half that deals with workflows: open one as a form, check it, queue runs of it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.engine.model import OpenWorkflow, Queued
from comfydesk.engine.reshaping import redrawn, reshaped
from comfydesk.form import authors, build, check, match, outputs, paid, prefixes, profile, runs
from comfydesk.form.fields import Form, Issue, LocalFile, SeedMode
from comfydesk.jobs.inputs import Inputs
from comfydesk.jobs.model import EditorGraph, InputFile, JobRequest, OwnerKind
from comfydesk.library.model import WorkflowEntry
from comfydesk.server import choices
from comfydesk.workflow import conversion, name_patterns, opening, remote
from comfydesk.workflow import source as sources
from comfydesk.workflow.hints import hints_of
from comfydesk.workflow.source import Source
from comfydesk.workflow.specs import Specs

if TYPE_CHECKING:
    from comfydesk.base.changes import ChangeStream
    from comfydesk.base.paths import Home
    from comfydesk.base.runtime import Lane, Runtime
    from comfydesk.jobs.hosts import HostPool
    from comfydesk.jobs.link import HostLink
    from comfydesk.jobs.queue import Queue
    from comfydesk.library.library import Library
    from comfydesk.library.wildcards import WildcardFolder


FIRST_ANSWER = 3.0  # seconds that a new host has to answer before a form is made without it


class WorkDesk:
    """Workflows and runs. Mixed into Engine; file access and form building run on the "files" lane."""

    home: Home
    runtime: Runtime
    changes: ChangeStream
    hosts: HostPool
    queue: Queue
    library: Library
    owner_kind: OwnerKind
    _last_prompts: dict[str, Mapping[str, Any]]  # by workflow: what the next press is compared with

    if TYPE_CHECKING:

        def _files(self) -> Lane: ...

        def opened_workflow(self, entry: WorkflowEntry) -> None: ...

        @property
        def wildcards(self) -> WildcardFolder: ...

        async def remember_prompts(self, form: Form, values: Mapping[str, Any]) -> None: ...

    async def open_workflow(self, name_or_path: str, host_id: str | None) -> OpenWorkflow:
        """Read a workflow in any format and make its form with the node specs of a host, or from JSON types when there
        are none. The editor's format needs a host's word on its nodes: without one the form is empty and says so.

        Raises Problem (workflow_unknown, workflow_json, workflow_not, …).
        """
        entry, source, draft = await self._files().run(self._read, name_or_path)
        self.opened_workflow(entry)
        link = self.hosts.link(host_id) if host_id is not None else None
        info: Mapping[str, Any] | None = None
        listed: dict[remote.Listing, list[str]] = {}
        address = ""
        if link is not None:
            address = link.host.name or link.host.url
            info = await self._info(link, source)
            listed = await self._listed(link, info or {})
        return await self._files().run(self._make, entry, source, draft, info, listed, host_id or "", address)

    async def _info(self, link: HostLink, source: Source) -> Mapping[str, Any] | None:
        """What a host says of the source's nodes; None where it is away and was never seen."""
        classes = opening.classes_of(source)
        with contextlib.suppress(Problem):
            return await self.hosts.specs(link.host.host_id, classes)
        if source.gui is None or link.problem is not None:
            return None
        with contextlib.suppress(TimeoutError, Problem):  # just added: a form that needs it waits a moment
            await asyncio.wait_for(link.up.wait(), FIRST_ANSWER)
            return await self.hosts.specs(link.host.host_id, classes)
        return None

    async def _listed(self, link: HostLink, info: Mapping[str, Any]) -> dict[remote.Listing, list[str]]:
        """The choices that the host lists at routes of its own; a form waits a moment for them, not more."""
        found: dict[remote.Listing, list[str]] = {}
        if not link.up.is_set():
            return found

        async def fetch(listing: remote.Listing) -> None:
            with contextlib.suppress(Problem):
                names = await link.transfer(choices.fetch, link.client.transport, listing.route, listing.key)
                if names is not None:
                    found[listing] = names

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*map(fetch, remote.listings(info))), FIRST_ANSWER)
        return dict(found)

    def _read(self, name_or_path: str) -> tuple[WorkflowEntry, Source, dict[str, Any] | None]:
        path = self.library.find(name_or_path)
        entry = self.library.entry(path)
        return entry, sources.read(path), self.library.draft(entry.name)

    def _make(
        self,
        entry: WorkflowEntry,
        source: Source,
        draft: Mapping[str, Any] | None,
        info: Mapping[str, Any] | None,
        listed: Mapping[remote.Listing, Sequence[str]],
        host_id: str,
        address: str,
    ) -> OpenWorkflow:
        made = opening.graph_of(source, info)
        specs = Specs.from_object_info(remote.with_choices(info, listed)) if info is not None else None
        author, modes = authors.choices_of(source, made)
        chosen = profile.from_json(self.library.kept(entry.name, "profile")) or author
        typed = draft.get("values") if draft else None
        form = build.build(made.graph, specs, chosen, modes, typed if isinstance(typed, Mapping) else {})
        opened = OpenWorkflow(
            entry, host_id, made.graph, form, specs, "host" if specs else "none", draft, (), address, source, made
        )
        opened = replace(opened, profile=chosen, author=author, seed_modes=modes)
        return replace(opened, issues=tuple(_issues(opened, {field.key: field.value for field in form.fields})))

    async def reshape(self, opened: OpenWorkflow, values: Mapping[str, Any]) -> OpenWorkflow:
        """The workflow with the fields that its structural values ask for: another choice of a dynamic combo, …"""
        return await self._files().run(reshaped, opened, values)

    async def check(self, opened: OpenWorkflow, values: Mapping[str, Any]) -> list[Issue]:
        """What has to be mended before these values can run on the host that the form was made for."""
        return await self._files().run(_issues, opened, values)

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
        targets: Sequence[str] = (),
    ) -> Queued:
        """Freeze `count` runs of a form and commit them as jobs. Nothing is sent before all are committed.

        `draw_each`: random seeds are drawn for every run, not once and counted up from there. `targets`: the output
        nodes that shall run, () for all of them.

        Raises Problem for a value that cannot be sent or a local file that is not there, and paid_nodes for runs that
        cost money: whoever may decide that asks, and calls again with `allow_paid`.
        """
        if opened.needs_host:
            raise Problem("workflow_gui", file=opened.entry.title)
        opened = await self.reshape(opened, values)
        chosen, inputs = await self._files().run(self._take_inputs, opened.form, dict(values))
        previous = self._last_prompts.get(opened.entry.name)
        plan = await self._files().run(
            lambda: runs.plan_runs(
                opened.graph,
                opened.form,
                chosen,
                modes,
                count,
                previous=previous,
                draw_each=draw_each,
                files=self.wildcards,
            )
        )
        names = opened.conversion.named if opened.conversion is not None else {}
        named = tuple(name_patterns.nodes_with_patterns(plan.runs[0].prompt))
        now = datetime.now().astimezone()
        # A text that is filled in may hold anything.
        first = name_patterns.fill_in(plan.runs[0].prompt, now, named, names)
        prefixes.refuse_unsafe(opened.graph, first, {f.key: f.label for f in opened.form.fields})
        if not allow_paid:
            await self._refuse_paid(opened, host_id, len(plan.runs), targets)
        press = uuid.uuid4().hex
        noun = await self._files().run(_noun, opened, targets)
        editor = await self._files().run(_editor_graph, opened, plan.runs[0].prompt, named)
        requests = [
            JobRequest(
                workflow=opened.entry.title,
                prompt=name_patterns.fill_in(run.prompt, now, named, names),
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
                output_noun=noun,
                editor=editor,
                targets=tuple(targets),
            )
            for index, run in enumerate(plan.runs)
        ]
        jobs = await self.queue.add(requests)
        self._last_prompts[opened.entry.name] = plan.runs[-1].prompt
        if self.owner_kind is OwnerKind.WINDOW:
            await self.remember_prompts(opened.form, values)
        return Queued(press, tuple(jobs), tuple(run.seed for run in plan.runs), plan.reason, plan.next_seeds)

    async def _refuse_paid(self, opened: OpenWorkflow, host_id: str, runs_: int, targets: Sequence[str]) -> None:
        """Raise Problem paid_nodes where these runs would cost money. Without any word of the host, names decide."""
        specs = opened.specs
        if specs is None:
            with contextlib.suppress(Problem):
                classes = {node.class_type for node in opened.graph.nodes.values()}
                specs = Specs.from_object_info(await self.hosts.specs(host_id, classes))
        found = await self._files().run(paid.paid_nodes, opened.graph, specs, targets)
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


def _issues(opened: OpenWorkflow, values: Mapping[str, Any]) -> list[Issue]:
    if opened.needs_host:
        problem = Problem("workflow_gui", file=opened.entry.title)
        return [Issue("", problem.code, dict(problem.facts), message=problem.message)]
    opened = reshaped(opened, values)
    gui = opened.source.gui if opened.source is not None else None
    made = opened.conversion
    return check.check(
        opened.graph, opened.form, values, opened.specs, opened.address, hints=hints_of(gui), conversion=made
    )


def _noun(opened: OpenWorkflow, targets: Sequence[str]) -> str:
    """The noun of what a run makes, where not all of its outputs run."""
    if not targets:
        return opened.form.output_noun
    return outputs.noun([node for node_id in targets if (node := opened.graph.nodes.get(node_id))], opened.specs)


def _editor_graph(opened: OpenWorkflow, prompt: Mapping[str, Any], named: Sequence[str]) -> EditorGraph | None:
    """The editor's graph that goes into the files of these runs. Patterns in the names of results stay patterns in it,
    as in the files that ComfyUI's own page makes: `named` are the nodes that have some in `prompt`.
    """
    made, source = opened.conversion, opened.source
    if made is None or source is None or source.gui is None:
        return None
    anew = redrawn(opened, prompt)
    graph, found = anew or (source.gui, made.places)
    places = conversion.places_to_json(found)
    if named:
        graph = conversion.write_back(graph, found, prompt)
        kept = {f"{node_id}.{name_patterns.INPUT}" for node_id in named}
        places["fields"] = {key: place for key, place in places["fields"].items() if key not in kept}
    if anew is None and (off := opened.graph.nodes.keys() - prompt.keys()):
        graph = conversion.mute(graph, off)
    return EditorGraph.of(graph, places)
