"""What the texts, seeds, sizes and files of a prompt are for, told from facts that the form does not use.

The form goes backwards from samplers. This goes forwards: each typed text is followed through the links to where it
ends, with the names that a host gives to the inputs on the way. Media and seeds are what a host declares as such.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

Prompt = dict[str, Any]
Info = dict[str, Any]
Place = tuple[str, str]

WRITTEN = re.compile(
    r"^(prompt|text|text_?prompt|prompt_?text|texture_prompt|storyboard_\d+_prompt|text\d|lyrics|tags|clip_l|t5xxl"
    r"|structured_prompt|negative_prompt)$"
)
NOT_WRITTEN = re.compile(
    r"system|instructions|regex|find|delimiter|pattern|expression|filename|shader|json_string|sigmas|indices|mask|layers"
)
SAMPLES = re.compile(r"Sampler|Guider|Guidance$")


class Truth:
    """`prompts`, `negatives`, `seeds`, `media`: the places in one prompt."""

    def __init__(self, prompt: Prompt, info: Info) -> None:
        self.info = info
        self.readers: dict[tuple[str, int], list[Place]] = defaultdict(list)
        self.prompt = prompt = {node_id: node for node_id, node in prompt.items() if "class_type" in node}
        for node_id, node in prompt.items():
            for name, value in node["inputs"].items():
                if is_link(value):
                    self.readers[value[0], value[1]].append((node_id, name))
        self.prompts: set[Place] = set()
        self.negatives: set[Place] = set()
        for place in self._typed_texts():
            ends = self._ends(place)
            if "prompt" in ends or (ends == {"shown"} and prompt[place[0]]["class_type"] == "TextGenerate"):
                self.prompts.add(place)
            elif "negative" in ends:
                self.negatives.add(place)
        self.seeds = set(self._seeds())
        self.media = set(self._media())

    def option(self, node_id: str, name: str) -> tuple[str, dict[str, Any]]:
        """The host's type and options of an input; of a dynamic input's part only its name is known here."""
        spec = self.info.get(self.prompt[node_id]["class_type"], {}).get("input", {})
        for section in spec.values():
            if isinstance(section, dict) and name in section:
                found = section[name]
                kind = found[0] if isinstance(found[0], str) else "COMBO"
                return kind, found[1] if len(found) > 1 else {}
        return "", {}

    def _typed_texts(self) -> list[Place]:
        found = []
        for node_id, node in self.prompt.items():
            for name, value in node["inputs"].items():
                kind, _ = self.option(node_id, name)
                last = name.rsplit(".", 1)[-1]
                is_text = kind == "STRING" or (not kind and bool(WRITTEN.match(last)))
                is_title = (
                    isinstance(value, str)
                    and value.rstrip().endswith(":")
                    and any(map(is_link, node["inputs"].values()))
                )
                is_list = "regex_pattern" in node["inputs"]
                if isinstance(value, str) and is_text and not NOT_WRITTEN.search(last) and not is_title and not is_list:
                    found.append((node_id, name))
        return found

    def _ends(self, start: Place) -> set[str]:
        """ "prompt" and "negative" for where this text has an effect."""
        ends: set[str] = set()
        seen: set[tuple[str, int, bool]] = set()
        waiting = [start]
        while waiting:
            node_id, name = waiting.pop()
            end, slots = self._through(node_id, name)
            if end:
                ends.add(end)
            for slot in slots:
                if (node_id, slot, True) not in seen:
                    seen.add((node_id, slot, True))
                    waiting += self.readers[node_id, slot]
        return ends

    def _through(self, node_id: str, name: str) -> tuple[str, list[int]]:
        """What a text that comes into this input is, or through which outputs it goes on."""
        node = self.prompt[node_id]
        kind, last = node["class_type"], name.rsplit(".", 1)[-1]
        outputs = self.info.get(kind, {}).get("output", []) or ["*"]
        every = list(range(len(outputs)))
        side = 1 if "negative" in last else 0
        if kind == "ConditioningZeroOut" or NOT_WRITTEN.search(last):
            return "", []
        if kind == "ComfySwitchNode":
            return "", every if name == self._chosen_side(node) else []
        if self.info.get(kind, {}).get("api_node"):
            return ("negative" if side else "prompt") if WRITTEN.match(last) or side else "", []
        if SAMPLES.search(kind) and last in ("positive", "conditioning", "cond1"):
            return ("prompt", []) if kind not in ("FluxGuidance", "PerturbedAttentionGuidance") else ("", every)
        if SAMPLES.search(kind) and last == "negative":
            return "negative", []
        if last in ("positive", "negative") or ("negative_prompt" in node["inputs"] and len(outputs) > 1):
            names = [name.lower() for name in self.info.get(kind, {}).get("output_name", [])]
            wanted = "negative" if side else "positive"
            return "", [names.index(wanted) if wanted in names else side]
        if last in ("cond2", "cond3"):
            return "", []
        if kind.startswith("SAM3") and last == "conditioning":
            return "prompt", []
        if kind == "BuildJsonPromptIdeogram":
            return "", every if last in ("high_level_description", "background") else []
        if kind == "PreviewAny":
            return "shown", every
        return "", every

    def _chosen_side(self, node: dict[str, Any]) -> str:
        value = node["inputs"].get("switch")
        if is_link(value):
            value = self.prompt[value[0]]["inputs"].get("value")
        return "on_true" if value is True else "on_false" if value is False else ""

    def _seeds(self) -> list[Place]:
        """Inputs that are named so, or that the page counts up after each run; the primitive's where they are linked. A
        sampler that adds no noise has none."""
        found = []
        for node_id, node in self.prompt.items():
            for name, value in node["inputs"].items():
                _, options = self.option(node_id, name)
                counts = options.get("control_after_generate") and not node["class_type"].startswith("Primitive")
                if not counts and not name.lower().endswith("seed"):
                    continue
                if node["inputs"].get("add_noise") in ("disable", False):
                    continue
                if is_link(value):
                    source = self.prompt[value[0]]
                    if "value" in source["inputs"] and not is_link(source["inputs"]["value"]):
                        found.append((value[0], "value"))
                elif type(value) is int:
                    found.append((node_id, name))
        return found

    def _media(self) -> list[Place]:
        found = []
        for node_id, node in self.prompt.items():
            for name, value in node["inputs"].items():
                _, options = self.option(node_id, name)
                uploads = any(key.endswith("_upload") and options[key] for key in options)
                if uploads and isinstance(value, str):
                    found.append((node_id, name))
        return found


def is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)
