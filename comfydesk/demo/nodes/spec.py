"""How a node type is written down, and how `/object_info` shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ModelLists = Callable[[str], list[str]]  # folder -> names, e.g. "checkpoints", "loras", "input"


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a node. `kind` is a type (INT, MODEL) or COMBO, whose choices are `choices` or those of `folder`."""

    kind: str
    choices: tuple[str, ...] = ()
    folder: str = ""
    extra: tuple[str, ...] = ()  # fixed choices after those of the folder
    facts: Mapping[str, Any] = field(default_factory=dict)
    modern: bool = False  # only newer servers have it
    older: bool = False  # only older servers have it
    before: Input | None = None  # what older servers have in its place
    retired: tuple[str, ...] = ()  # choices that only newer servers have
    always_advanced: bool = False  # older servers, too, call it advanced
    formerly: Mapping[str, Any] = field(default_factory=dict)  # facts on older servers; None: was not there

    def options(self, lists: ModelLists, modern: bool) -> list[str]:
        names = lists(self.folder) if self.folder else []
        fixed = [c for c in self.choices if modern or c not in self.retired]
        return [*names, *fixed, *self.extra]

    def show(self, lists: ModelLists, *, modern: bool, v3: bool) -> list[Any]:
        """As in /object_info. V3 nodes spell combos `["COMBO", {"options": …}]`, older ones `[[…], {…}]`."""
        facts = self._facts(modern)
        if not v3 and facts.get("multiline") is False:
            del facts["multiline"]  # only V3 nodes say that a text has one line
        if self.kind == "COMBO":
            choices = self.options(lists, modern)
            if v3:
                return ["COMBO", {"multiselect": False, "options": choices, **facts}]
            return [choices, facts] if facts else [choices]
        return [self.kind, facts] if facts or v3 else [self.kind]

    def _facts(self, modern: bool) -> dict[str, Any]:
        if modern:
            return dict(self.facts)
        facts = {k: v for k, v in self.facts.items() if self.always_advanced or k != "advanced"}
        return {k: v for k, v in {**facts, **self.formerly}.items() if v is not None}


@dataclass(frozen=True, slots=True)
class NodeType:
    """`style`: "v1", "v3", or "v3-new" (V3 on newer servers only). `run(call, **inputs)` does the work."""

    name: str
    title: str
    category: str
    inputs: Mapping[str, Input]
    outputs: tuple[str, ...]
    run: Callable[..., Any]
    optional: Mapping[str, Input] = field(default_factory=dict)
    output_names: tuple[str, ...] = ()
    is_output: bool = False
    description: str = ""
    style: str = "v1"
    module: str = "nodes"
    passes_input: bool = False  # an output node that hands its input on, on newer servers only
    old_category: str = ""
    deprecated: bool = False  # newer servers advise against it

    def is_v3(self, modern: bool) -> bool:
        return self.style == "v3" or (modern and self.style == "v3-new")

    def wanted(self, modern: bool) -> dict[str, Input]:
        """Required inputs, in order."""
        return _of_version(self.inputs, modern)

    def welcome(self, modern: bool) -> dict[str, Input]:
        """Optional inputs, in order."""
        return _of_version(self.optional, modern)

    def returns(self, modern: bool) -> tuple[str, ...]:
        return self.outputs if modern or not self.passes_input else ()

    def show(self, lists: ModelLists, modern: bool) -> dict[str, Any]:
        """The value of this class in `/object_info`."""
        v3 = self.is_v3(modern)
        sections: dict[str, Any] = {
            "required": {n: s.show(lists, modern=modern, v3=v3) for n, s in self.wanted(modern).items()}
        }
        welcome = self.welcome(modern)
        if welcome:
            sections["optional"] = {n: s.show(lists, modern=modern, v3=v3) for n, s in welcome.items()}
        order = {section: list(names) for section, names in sections.items()}
        if self.is_output and self.name != "PreviewAny":
            names = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}
            sections["hidden"] = {k: [v] if v3 else v for k, v in names.items()}
            order["hidden"] = list(names)
        outputs = self.returns(modern)
        shown: dict[str, Any] = {"input": sections, "input_order": order}
        if modern:
            shown["is_input_list"] = False
        shown |= {
            "output": list(outputs),
            "output_is_list": [False] * len(outputs),
            "output_name": list(self.output_names or outputs) if outputs else [],
        }
        title = self.title if not v3 or self.title != self.name else None
        if self.deprecated and modern:
            title = f"{title} (DEPRECATED)"
        shown |= {"name": self.name, "display_name": title, "description": self.description}
        shown |= {
            "python_module": self.module,
            "category": self.category if modern else self.old_category or self.category,
        }
        shown["output_node"] = self.is_output
        return shown | self._show_extras(v3, modern, len(outputs))

    def _show_extras(self, v3: bool, modern: bool, outputs: int) -> dict[str, Any]:
        """What clients of a page use: marks, tooltips, search words."""
        shown: dict[str, Any] = {}
        if v3:
            shown |= {"output_tooltips": [None] * outputs, "deprecated": False, "experimental": False}
            shown["api_node"] = False
        if modern:
            shown |= {"has_intermediate_output": False, "search_aliases": []}
            if v3:
                shown |= {"output_matchtypes": None, "dev_only": False, "price_badge": None}
                shown["essentials_category"] = None
            if self.deprecated:
                shown["deprecated"] = True
        return shown


def _of_version(inputs: Mapping[str, Input], modern: bool) -> dict[str, Input]:
    if modern:
        return {name: spec for name, spec in inputs.items() if not spec.older}
    return {name: spec.before or spec for name, spec in inputs.items() if not spec.modern}


def number(default: float, low: float, high: float, step: float | None = None, **facts: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"default": default, "min": low, "max": high}
    return shown | ({"step": step} if step is not None else {}) | facts


def INT(default: int, low: int, high: int, step: int | None = None, *, modern: bool = False, **facts: Any) -> Input:
    return Input("INT", facts=number(default, low, high, step, **facts), modern=modern)


def FLOAT(default: float, low: float, high: float, step: float, **facts: Any) -> Input:
    return Input("FLOAT", facts=number(default, low, high, step, **facts))


def STRING(default: str | None = None, **facts: Any) -> Input:
    return Input("STRING", facts=({} if default is None else {"default": default}) | facts)


def BOOLEAN(default: bool | None = None, **facts: Any) -> Input:
    return Input("BOOLEAN", facts=({} if default is None else {"default": default}) | facts)


def CHOICE(*choices: str, newer: tuple[str, ...] = (), **facts: Any) -> Input:
    return Input("COMBO", choices=choices, retired=newer, facts=facts)


def FILE(folder: str, *extra: str, **facts: Any) -> Input:
    return Input("COMBO", folder=folder, extra=extra, facts=facts)


def LINK(kind: str, tooltip: str = "", *, modern: bool = False) -> Input:
    return Input(kind, facts={"tooltip": tooltip} if tooltip else {}, modern=modern)


def SEED(tooltip: str = "") -> Input:
    facts = number(0, 0, 2**64 - 1, control_after_generate=True)
    return Input("INT", facts=facts | ({"tooltip": tooltip} if tooltip else {}))
