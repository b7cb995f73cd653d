"""Inputs that depend on other inputs: a dynamic combo brings sub-inputs, a growing input repeats a template.

In a prompt they have dotted names: `resize_type` = "scale dimensions", `resize_type.width` = 512, `images.image0`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from comfydesk.workflow.specs import AUTOGROW, DYNAMIC_COMBO, InputSpec, NodeSpec, read_inputs

MAX_NESTING = 8  # stock nodes nest 3 deep; a spec is a stranger's text


def expand(spec: NodeSpec, inputs: Mapping[str, Any]) -> Iterator[InputSpec]:
    """All inputs that a node with these values has, in order, sub-inputs after the input that brings them."""
    yield from _expand(spec.inputs, inputs, "", 0)


def options_with_same_inputs(spec: InputSpec, chosen: Any) -> tuple[Any, ...]:
    """The choices of a dynamic combo that need the same sub-inputs as `chosen`: one can take another's place."""
    wanted = _signature(spec, chosen)
    return tuple(key for key in spec.choices or () if _signature(spec, key) == wanted)


def _expand(specs: Iterable[InputSpec], inputs: Mapping[str, Any], prefix: str, depth: int) -> Iterator[InputSpec]:
    for spec in specs:
        full = replace(spec, name=prefix + spec.name) if prefix else spec
        if spec.type == AUTOGROW:
            yield from _grown(full, inputs)
            continue
        yield full
        if spec.type == DYNAMIC_COMBO and depth < MAX_NESTING:
            chosen = inputs.get(full.name)
            yield from _expand(_inputs_of(spec, chosen), inputs, full.name + ".", depth + 1)


def _inputs_of(spec: InputSpec, chosen: Any) -> list[InputSpec]:
    options = spec.options.get("options")
    for option in options if isinstance(options, list) else ():
        if isinstance(option, Mapping) and option.get("key") == chosen:
            return list(read_inputs(option.get("inputs")))
    return []


def _grown(spec: InputSpec, inputs: Mapping[str, Any]) -> Iterator[InputSpec]:
    """One input for each that the prompt has, by the template's type."""
    template = spec.options.get("template")
    inner = list(read_inputs(template.get("input"))) if isinstance(template, Mapping) else []
    start = spec.name + "."
    for name in inputs:
        if name.startswith(start):
            if inner:
                yield replace(inner[0], name=name, section="optional")
            else:
                yield InputSpec(name, "*", "optional")


def _signature(spec: InputSpec, chosen: Any) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.type) for item in _inputs_of(spec, chosen))
