"""The engine's part that deals with prompts: names for them, what they come out as, and those that were queued."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.form.fields import Form
from comfydesk.form.prompt_text import count, expand
from comfydesk.form.prompt_text.fields import texts
from comfydesk.form.prompt_text.reading import Choice, Parts, Wildcard, read
from comfydesk.form.prompt_text.tags import TagIndex
from comfydesk.library.prompt_history import PastPrompt, PromptHistory, PromptsRemembered
from comfydesk.library.taglists import TagLists
from comfydesk.library.wildcards import WildcardFolder
from comfydesk.server import embeddings
from comfydesk.workflow.specs import Specs

if TYPE_CHECKING:
    from comfydesk.base.changes import ChangeStream
    from comfydesk.base.paths import Home
    from comfydesk.base.runtime import Lane, Runtime
    from comfydesk.base.settings import SettingsStore
    from comfydesk.jobs.hosts import HostPool

LORA_LOADER = "LoraLoader"
MODEL_ENDINGS = (".safetensors", ".ckpt", ".pt", ".bin", ".sft")


@dataclass(frozen=True, slots=True)
class PromptNames:
    """Names that can stand in a prompt; without the endings of their files."""

    embeddings: tuple[str, ...] = ()
    loras: tuple[str, ...] = ()
    wildcards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptView:
    """What a prompt may come out as. `examples`: (seed, text). `missing`: wildcards that there are no files for."""

    combinations: int
    examples: tuple[tuple[int, str], ...]
    missing: tuple[str, ...] = ()


class PromptDesk:
    """Mixed into Engine. Wildcards and history are touched on the "files" lane, tag lists on one of their own."""

    home: Home
    runtime: Runtime
    changes: ChangeStream
    hosts: HostPool
    settings: SettingsStore

    if TYPE_CHECKING:

        def _files(self) -> Lane: ...

    @cached_property
    def wildcards(self) -> WildcardFolder:
        """The wildcard files of this home; for the "files" lane."""
        return WildcardFolder(self.home.wildcards)

    @cached_property
    def _tag_lists(self) -> TagLists:
        return TagLists(self.home.tags)

    @cached_property
    def _prompt_history(self) -> PromptHistory:
        return PromptHistory(self.home.root / "prompts.json")

    async def prompt_names(self, host_id: str) -> PromptNames:
        """Names for prompts: those of a host as far as it answers, and the wildcards of this home."""
        wildcards = await self._files().run(self.wildcards.names)
        link = self.hosts.link(host_id) if host_id else None
        if link is None or not link.up.is_set():
            return PromptNames(wildcards=tuple(wildcards))
        known, loras = await asyncio.gather(
            self._or_none(link.control(embeddings.names, link.client.transport)), self._or_none(self._loras(host_id))
        )
        return PromptNames(tuple(known), tuple(loras), tuple(wildcards))

    async def prompt_tags(self) -> TagIndex:
        """The tags of the lists in the home and of the one that was chosen in the settings."""
        return await self.runtime.lane("tags", 1).run(self._tag_lists.index, self.settings.value.tag_file)

    async def prompt_view(self, text: str, page: bool, seeds: Sequence[int]) -> PromptView:
        """In how many ways a prompt may come out, with an example for each of `seeds`. `page`: see `reading.read`.

        Raises Problem prompt_expands.
        """
        return await self._files().run(self._view, text, page, tuple(seeds))

    async def prompt_history(self) -> tuple[PastPrompt, ...]:
        """The prompts that were queued, newest first."""
        return await self._files().run(self._prompt_history.prompts)

    async def remember_prompts(self, form: Form, values: Mapping[str, Any]) -> None:
        """Keep the prompts of a form that was queued; PromptsRemembered says so."""
        prompts = [PastPrompt(field.role.value, text) for field, text in texts(form, values)]
        with contextlib.suppress(Problem):  # a full disk is told where results are saved; the press has succeeded
            if await self._files().run(self._prompt_history.add, prompts):
                self.changes.publish(PromptsRemembered(self._prompt_history.prompts()))

    def _view(self, text: str, page: bool, seeds: tuple[int, ...]) -> PromptView:
        files = self.wildcards
        missing = tuple(dict.fromkeys(name for name in _wildcards(read(text, page)) if files.entries(name) is None))
        examples: dict[str, int] = {}
        for seed in seeds:
            examples.setdefault(expand(text, seed, files, page=page), seed)
        return PromptView(
            count(text, files, page=page), tuple((seed, shown) for shown, seed in examples.items()), missing
        )

    async def _loras(self, host_id: str) -> list[str]:
        specs = Specs.from_object_info(await self.hosts.specs(host_id, {LORA_LOADER}))
        loader = specs.node(LORA_LOADER)
        found = next((item.choices for item in loader.inputs if item.name == "lora_name"), None) if loader else None
        return [_stem(name) for name in found or () if isinstance(name, str)]

    async def _or_none(self, asked: Any) -> list[str]:
        try:
            found: list[str] = await asked
        except Problem:
            return []  # it is told elsewhere that the host is away; names are a help, no need
        return found


def _wildcards(parts: Parts) -> Iterable[str]:
    for part in parts:
        if isinstance(part, Wildcard):
            yield part.name
        elif isinstance(part, Choice):
            for option in part.options:
                yield from _wildcards(option.parts)


def _stem(name: str) -> str:
    return next((name.removesuffix(ending) for ending in MODEL_ENDINGS if name.endswith(ending)), name)
