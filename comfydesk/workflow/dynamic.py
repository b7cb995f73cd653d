"""Inputs that depend on other inputs: a dynamic combo brings sub-inputs, a growing input repeats a template.

In a prompt they have dotted names: `resize_type` = "scale dimensions", `resize_type.width` = 512, `images.image0`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from comfydesk.workflow.specs import AUTOGROW, BASIC_TYPES, DYNAMIC_COMBO, InputSpec, NodeSpec, read_inputs

MAX_GROWN = 100  # stock nodes grow to 50
MAX_NESTING = 8  # stock nodes nest 3 deep; a spec is a stranger's text


def expand(spec: NodeSpec, inputs: Mapping[str, Any]) -> Iterator[InputSpec]:
    """All inputs that a node with these values has, in order, sub-inputs after the input that brings them.

    The choice of a dynamic combo is read from `inputs` after its own spec was given: who goes through may set it then.
    """
    yield from _expand(spec.inputs, inputs, "", 0)


def template_of(spec: InputSpec) -> InputSpec | None:
    """What each input of a growing one is like; None where the spec does not say."""
    template = spec.options.get("template")
    inner = list(read_inputs(template.get("input"))) if isinstance(template, Mapping) else []
    return inner[0] if inner else None


def typed_template(spec: InputSpec) -> InputSpec | None:
    """What a person may type into each input of a growing one; None where only links fit."""
    inner = template_of(spec)
    if inner is None:
        return None
    kinds = [kind for kind in inner.type.split(",") if kind in BASIC_TYPES]
    if kinds and kinds != [inner.type]:
        inner = replace(inner, type="FLOAT" if "FLOAT" in kinds else kinds[0])
    return inner if inner.is_editable else None


def names_of(spec: InputSpec) -> tuple[str, ...]:
    """The names that the inputs of a growing one may have, without its own: `a`, `b`, … or `image0`, `image1`, …"""
    template = spec.options.get("template")
    if not isinstance(template, Mapping):
        return ()
    names, prefix, most = template.get("names"), template.get("prefix"), template.get("max")
    if isinstance(names, list):
        return tuple(name for name in names[:MAX_GROWN] if isinstance(name, str) and name)
    count = most if isinstance(most, int) and not isinstance(most, bool) else MAX_GROWN
    return tuple(f"{prefix}{index}" for index in range(min(count, MAX_GROWN))) if isinstance(prefix, str) else ()


def _expand(specs: Iterable[InputSpec], inputs: Mapping[str, Any], prefix: str, depth: int) -> Iterator[InputSpec]:
    for spec in specs:
        full = replace(spec, name=prefix + spec.name) if prefix else spec
        yield full
        if spec.type == AUTOGROW:
            yield from _grown(full, inputs)
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
    inner = typed_template(spec) or template_of(spec)
    start = spec.name + "."
    for name in [name for name in inputs if name.startswith(start)]:
        yield replace(inner, name=name, section="optional") if inner else InputSpec(name, "*", "optional")
