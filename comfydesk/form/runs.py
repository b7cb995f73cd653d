"""One press of Queue: how many runs, with which seeds, and the frozen prompt of each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comfydesk.form import differs, seeds
from comfydesk.form.fields import Form, Kind, LocalFile, SeedMode
from comfydesk.form.prompt_text.fields import draw_into, may_differ
from comfydesk.form.prompt_text.wildcards import NO_FILES, Files
from comfydesk.form.values import coerce, freeze
from comfydesk.workflow.graph import Graph

FIXED = "the seed is fixed"
NO_SEED = "this workflow has no seed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `prompt` is frozen: nodes that do not differ are shared between the runs of a press, so change nothing
    in it. `seed` is the main seed, `seeds` all of them by field key, `params` the values to remember by label."""

    prompt: Mapping[str, Any]
    seed: int | None
    seeds: Mapping[str, int]
    differs: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The runs of one press. `reason` says why there is only one although more were asked for, else "".

    `next_seeds`: what the seed boxes hold afterwards: the last one used, or the next of increment and decrement.
    """

    runs: tuple[Run, ...]
    reason: str = ""
    next_seeds: Mapping[str, int] = field(default_factory=dict)


def plan_runs(
    graph: Graph,
    form: Form,
    values: Mapping[str, Any],
    modes: Mapping[str, SeedMode],
    count: int,
    *,
    rng: seeds.Rng = secrets,
    previous: Mapping[str, Any] | None = None,
    draw_each: bool = False,
    files: Files = NO_FILES,
) -> RunPlan:
    """Draw the seeds and freeze the prompts. `modes` by seed field's key, else the field's own mode.

    `draw_each`: random seeds are drawn for every run, not once and counted up from there. Choices and the wildcards of
    `files` are drawn with the run's main seed; without one, with a number that is drawn for the press.
    `previous` is the prompt of the run before this press, for `differs`. Raises Problem value_type, prompt_expands.
    """
    reason = cut_reason(form, modes, values, files) if count > 1 else ""
    count = 1 if reason else max(1, count)
    planned, after = _seeds(form, values, modes, count, rng, draw_each)
    base = freeze(graph, form, {**values, **{key: numbers[0] for key, numbers in planned.items()}})
    params = _params(form, values)
    main = next(iter(seeds.primary(form)), None)
    instead = seeds.draw(rng) if main not in planned else 0
    runs: list[Run] = []
    for number in range(count):
        used = {key: numbers[number] for key, numbers in planned.items()}
        seed = used.get(main) if main else None
        prompt, drawn = draw_into(base, form, instead + number if seed is None else seed, files)
        prompt = _with_seeds(prompt, form, used)
        labelled = {form.by_key[key].label: value for key, value in (*used.items(), *drawn.items())}
        said = differs.seed_text(seed) if seed is not None else ""
        if previous is not None and (number == 0 or drawn):
            said = differs.describe(form, previous, prompt) or said
        runs.append(Run(prompt, seed, used, said, {**params, **labelled}))
        previous = prompt
    return RunPlan(tuple(runs), reason, after)


def cut_reason(
    form: Form, modes: Mapping[str, SeedMode], values: Mapping[str, Any] | None = None, files: Files = NO_FILES
) -> str:
    """Why several runs could not differ, "" where they can: for the Queue button."""
    used = [mode for mode, _ in seeds.groups(form, {}, modes)]
    if not used:
        return "" if may_differ(form, values or {}, files) else NO_SEED
    return FIXED if all(mode is SeedMode.FIXED for mode in used) else ""


def _seeds(
    form: Form,
    values: Mapping[str, Any],
    modes: Mapping[str, SeedMode],
    count: int,
    rng: seeds.Rng,
    draw_each: bool,
) -> tuple[dict[str, Sequence[int]], dict[str, int]]:
    """The seeds of every run by key, and what the boxes hold afterwards. Linked seeds move together."""
    planned: dict[str, Sequence[int]] = {}
    after: dict[str, int] = {}
    for mode, group in seeds.groups(form, values, modes):
        first = group[0]
        low, high = seeds.bounds(group)
        start = coerce(first, values.get(first.key, first.value))
        if mode is SeedMode.RANDOM or not isinstance(start, int):
            start = seeds.draw(rng, low=low, high=high)
        numbers = seeds.plan(start, mode, count + 1, low=low, high=high)
        if mode is SeedMode.RANDOM and draw_each:
            numbers = [start, *(seeds.draw(rng, low=low, high=high) for _ in range(count))]
        last = numbers[count - 1 if mode in (SeedMode.RANDOM, SeedMode.FIXED) else count]
        for item in group:
            planned[item.key] = numbers[:count]
            after[item.key] = last
    return planned, after


def _with_seeds(base: Mapping[str, Any], form: Form, used: Mapping[str, int]) -> dict[str, Any]:
    """`base` with these seeds; only the nodes of seeds are copied."""
    prompt = dict(base)
    for key, seed in used.items():
        item = form.by_key[key]
        node = prompt.get(item.node_id)
        if node is not None:  # not of a branch that is switched off
            prompt[item.node_id] = {**node, "inputs": {**node["inputs"], item.input_name: seed}}
    return prompt


def _params(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person would ask of a picture later: the fields with a role, by label."""
    found: dict[str, Any] = {}
    for item in form.fields:
        if (item.role or item.essential) and item.kind not in (Kind.LINK, Kind.SEED):
            value = values.get(item.key, item.value)
            found[item.label] = value.path if isinstance(value, LocalFile) else coerce(item, value)
    return found
