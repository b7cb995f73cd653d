"""Following links back through a graph: which text, number, size or model stands behind an input.

Works with the host's specs and, less surely, by names alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from comfydesk.form.kinds import MODEL_FILE, TEXT_NAME
from comfydesk.workflow.dynamic import expand
from comfydesk.workflow.graph import Graph, Link, Node
from comfydesk.workflow.specs import InputSpec, Specs

ZERO_OUT = frozenset({"ConditioningZeroOut"})
CONDITIONING_NAME = re.compile(r"^(cond|conditioning|positive|negative)(ing)?([_\d].*)?$")
STRING_NAME = re.compile(
    r"(^|[._])(value|text|texts|prompt|string|string_[ab]|text_[ab\d]|strings?|str|input|source|positive|any)\d*$",
    re.I,
)
NOT_TEXT = re.compile(
    r"filename|prefix|system|delimiter|find|pattern|regex|expression|separator|replace|json_?key", re.I
)
NEGATIVE_NAME = re.compile(r"(^|[._])neg(ative)?(_prompt|_text)?\d*$", re.I)
SYSTEM_TITLE = re.compile(r"\bsystem\b", re.I)  # a text that tells a language model how to behave
MODEL_LINK = re.compile(r"^(model\w*|unet|diffusion_model|pipe|basic_pipe)$")
LATENT_LINK = re.compile(
    r"(^|[._])(latent|latents|latent_image|samples\d?|video_latent|audio_latent|pixels|image|images|latent\d|image\d)$"
)
SAMPLER_CLASSES = frozenset({"KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced"})
MAX_NUMBER_STEPS = 50
MAX_HEADING = 60  # letters of "Prompt:" and the like, put before a text that is written elsewhere
MAX_STEPS = 2_000  # nodes looked at in one walk: a graph may branch and join again and again


class Place(NamedTuple):
    """An input of a node."""

    node_id: str
    name: str


class Walk:
    """Questions about one graph; `specs` None where no host was asked."""

    def __init__(self, graph: Graph, specs: Specs | None) -> None:
        self.graph = graph
        self.specs = specs
        self._inputs: dict[str, dict[str, InputSpec]] = {}

    def inputs_of(self, node: Node) -> dict[str, InputSpec]:
        """The specs of a node's inputs by full name, {} where they are not known."""
        found = self._inputs.get(node.node_id)
        if found is None:
            spec = self.specs.node(node.class_type) if self.specs else None
            found = {item.name: item for item in expand(spec, node.inputs)} if spec else {}
            self._inputs[node.node_id] = found
        return found

    def type_of(self, node: Node, name: str) -> str:
        """The host's type of an input, "" where it is not known."""
        spec = self.inputs_of(node).get(name)
        return spec.type if spec else ""

    def samplers(self) -> list[Node]:
        """The sampling nodes, those that run first at the front."""
        return [node for node in map(self.graph.nodes.__getitem__, self.graph.order) if is_sampler(node)]

    def is_service(self, node: Node) -> bool:
        """Does a service outside do this node's work, as far as the host says?"""
        spec = self.specs.node(node.class_type) if self.specs else None
        return spec is not None and spec.api_node

    def is_encoder(self, node: Node) -> bool:
        """Does this node make a conditioning of texts?"""
        spec = self.specs.node(node.class_type) if self.specs else None
        return node.link("clip") is not None and spec is not None and "CONDITIONING" in spec.outputs

    # texts

    def texts(self, link: Link | None) -> list[Place]:
        """The texts behind a conditioning link; [] behind one that is zeroed out."""
        seen: set[Link] = set()
        found: list[Place] = []
        waiting = [link]
        while waiting:
            source = waiting.pop()
            node = self._step(source, seen)
            if node is None or source is None or node.class_type in ZERO_OUT:
                continue
            own = self.own_texts(node, seen, source.slot) if "positive" not in node.inputs else []
            found += own
            if not own:
                waiting += [node.link(name) for name in reversed(self._conditioning_inputs(node, source.slot))]
        return list(dict.fromkeys(found))

    def own_texts(self, node: Node, seen: set[Link] | None = None, slot: int | None = None) -> list[Place]:
        """The texts that a person writes into this node, typed here or in a node that is linked to a text input.

        `slot`: of a node that makes both conditionings, only those that go into this output.
        """
        seen = set() if seen is None else seen
        found: list[Place] = []
        names = [name for name, value in node.inputs.items() if self._is_text_input(node, name, value)]
        negative = [name for name in names if NEGATIVE_NAME.search(name)]
        if slot is not None and negative and len(negative) < len(names):
            is_negative = self._side(node, slot) == "negative"
            names = [name for name in names if (name in negative) is is_negative]
        for name in names:
            value = node.inputs[name]
            if isinstance(value, Link):
                found += self.strings(value, seen)
            elif isinstance(value, str):
                found.append(Place(node.node_id, name))
        return found

    def strings(self, link: Link, seen: set[Link]) -> list[Place]:
        """The typed texts behind a text link: primitives, joined texts, the prompt of a text generator."""
        found: list[Place] = []
        waiting: list[Link | Place] = [link]
        while waiting:
            source = waiting.pop()
            if isinstance(source, Place):
                found.append(source)
            elif (node := self._step(source, seen)) is not None:
                waiting += reversed(list(self._string_sources(node)))
        return found

    def _string_sources(self, node: Node) -> Iterator[Link | Place]:
        is_joined = any(isinstance(value, Link) for value in node.inputs.values())
        is_list = any("regex" in name for name in node.inputs)  # of texts, out of which one is taken
        for name in self._branches(node):
            value = node.inputs[name]
            if NOT_TEXT.search(name) and not (name == "replace" and isinstance(value, Link)):
                continue
            if isinstance(value, Link) and self._carries_text(node, name):
                yield value
            elif isinstance(value, str) and self._is_text_input(node, name, value, anywhere=True):
                is_heading = is_joined and len(value) <= MAX_HEADING and value.rstrip().endswith(":")
                if not is_heading and not is_list and not SYSTEM_TITLE.search(node.title):
                    yield Place(node.node_id, name)

    def _is_text_input(self, node: Node, name: str, value: Any, *, anywhere: bool = False) -> bool:
        if NOT_TEXT.search(name):
            return False
        spec = self.inputs_of(node).get(name)
        named = bool(TEXT_NAME.search(name)) or (anywhere and bool(STRING_NAME.search(name)))
        if spec is None:
            return named or (isinstance(value, str) and "\n" in value)
        return spec.type == "STRING" and (named or spec.flag("multiline"))

    def _carries_text(self, node: Node, name: str) -> bool:
        kind = self.type_of(node, name)
        return kind in ("STRING", "*", "COMFY_MATCHTYPE_V3") or (not kind and bool(STRING_NAME.search(name)))

    def _conditioning_inputs(self, node: Node, slot: int) -> list[str]:
        """The inputs that output `slot` of a conditioning node is made from."""
        names = [name for name, _ in node.links() if name in self._branches(node)]
        if node.link("positive") and node.link("negative"):
            return [self._side(node, slot)]
        typed = [name for name in names if self.type_of(node, name) == "CONDITIONING"]
        return typed or [name for name in names if CONDITIONING_NAME.match(name)] or (names if len(names) == 1 else [])

    def _side(self, node: Node, slot: int) -> str:
        """Which conditioning an output of a node that makes both is."""
        spec = self.specs.node(node.class_type) if self.specs else None
        label = spec.output_names[slot].lower() if spec and 0 <= slot < len(spec.output_names) else ""
        return label if label in ("positive", "negative") else "negative" if slot == 1 else "positive"

    # numbers

    def number(self, node: Node, name: str) -> Place | None:
        """Where the number of this input is typed: here, or in the primitive that is linked to it."""
        value = node.inputs.get(name)
        if isinstance(value, Link):
            return self._number(value, set())
        return Place(node.node_id, name) if _is_number(value) else None

    def _number(self, link: Link, seen: set[Link]) -> Place | None:
        node = self._step(link, seen)
        if node is None or len(seen) > MAX_NUMBER_STEPS:
            return None
        parts = [(name, node.inputs[name]) for name in self._branches(node)]
        linked = [value for _, value in parts if isinstance(value, Link)]
        typed = [name for name, value in parts if _is_number(value)]
        if not linked:
            return Place(node.node_id, typed[0]) if len(typed) == 1 else None
        if len(linked) > 2 or any(not isinstance(value, Link | bool) for _, value in parts):
            return None  # it works the number out: what is typed behind it is another number
        found = [place for place in (self._number(part, seen) for part in linked) if place]
        return found[0] if len(found) == 1 or (found and "switch" in node.inputs) else None

    def value(self, place: Place | None) -> Any:
        """The file's value at a place."""
        return self.graph.nodes[place.node_id].inputs.get(place.name) if place else None

    # models and latents

    def model_files(self, link: Link | None) -> list[Place]:
        """The model file inputs along a model link: LoRAs first, the checkpoint last."""
        found: list[Place] = []
        seen: set[Link] = set()
        waiting = [link]
        while waiting:
            node = self._step(waiting.pop(0), seen)
            if node is None:
                continue
            found += [
                Place(node.node_id, name)
                for name, value in node.inputs.items()
                if self._is_model_file(node, name, value)
            ]
            for name in self._branches(node):
                kind = self.type_of(node, name)
                if (
                    kind in ("MODEL", "COMFY_MATCHTYPE_V3", "*")
                    or (not kind and MODEL_LINK.match(name))
                    or name in _SWITCH
                ):
                    waiting.append(node.link(name))
        return list(dict.fromkeys(found))

    def _is_model_file(self, node: Node, name: str, value: Any) -> bool:
        if not isinstance(value, str) or name.startswith(("clip", "vae", "text_encoder")):
            return False
        spec = self.inputs_of(node).get(name)
        if spec is not None and spec.type != "COMBO":
            return False
        return bool(MODEL_FILE.search(value)) or name in ("ckpt_name", "unet_name", "model_name", "lora_name")

    def size_node(self, link: Link | None) -> Node | None:
        """The node that decides the size of a latent: the nearest one with width and height."""
        seen: set[Link] = set()
        waiting = [link]
        while waiting:
            node = self._step(waiting.pop(0), seen)
            if node is None or is_sampler(node):
                continue
            if ("width" in node.inputs and "height" in node.inputs) or "seconds" in node.inputs:
                return node
            for name in self._branches(node):
                if self.type_of(node, name) in ("LATENT", "IMAGE") or LATENT_LINK.search(name) or name in _SWITCH:
                    waiting.append(node.link(name))
        return None

    def _step(self, link: Link | None, seen: set[Link]) -> Node | None:
        if link is None or link in seen or len(seen) > MAX_STEPS:
            return None
        seen.add(link)
        return self.graph.nodes.get(link.node_id)

    def _branches(self, node: Node) -> list[str]:
        """The inputs to go on through: of a switch only the chosen side, where that is known."""
        names = list(node.inputs)
        if "switch" in node.inputs and ("on_true" in node.inputs or "on_false" in node.inputs):
            chosen = node.inputs["switch"]
            if isinstance(chosen, Link):
                source = self.graph.nodes.get(chosen.node_id)
                chosen = source.inputs.get("value") if source else None
            sides = ["on_true" if chosen else "on_false"] if isinstance(chosen, bool) else ["on_false", "on_true"]
            return [name for name in sides if name in node.inputs]
        return names


_SWITCH = frozenset({"on_true", "on_false"})


def is_sampler(node: Node) -> bool:
    """Does this node sample? By class for the stock ones, by its inputs for all others."""
    if node.class_type in SAMPLER_CLASSES:
        return True
    names = node.inputs
    guided = any(isinstance(names.get(name), Link) for name in ("positive", "guider", "basic_pipe"))
    source = any(isinstance(names.get(name), Link) for name in ("latent_image", "latent", "samples", "image"))
    return guided and source and any(name in names for name in ("seed", "noise_seed", "noise"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
