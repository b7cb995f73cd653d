"""The public templates, against what ComfyUI's own page exported for them."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from comfydesk.workflow.conversion import convert, is_gui, to_api, write_back
from tests.workflow.conversion.test_hostile import check, mutate

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
EXPECTED = SHARED / "conversion" / "expected"
OBJECT_INFO = SHARED / "comfyui" / "0.33.0" / "object_info.json"


def templates() -> Path | None:
    """Where the graphs of comfyui-workflow-templates-json lie: $COMFYDESK_TEMPLATES, or the installed package."""
    given = os.environ.get("COMFYDESK_TEMPLATES")
    if given:
        return Path(given)
    spec = importlib.util.find_spec("comfyui_workflow_templates_json")
    return Path(spec.origin).parent / "templates" if spec and spec.origin else None


TEMPLATES = templates()
pytestmark = [
    pytest.mark.skipif(not EXPECTED.is_dir(), reason="needs what ComfyUI's page exported, in ../shared"),
    pytest.mark.skipif(TEMPLATES is None, reason="needs comfyui-workflow-templates-json"),
]


@cache
def specs() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(OBJECT_INFO.read_text())
    return loaded


def graphs() -> dict[str, Any]:
    assert TEMPLATES is not None
    found = {file.name: json.loads(file.read_text()) for file in sorted(TEMPLATES.glob("*.json"))}
    return {name: made for name, made in found.items() if is_gui(made)}


def essence(prompt: dict[str, Any]) -> dict[str, Any]:
    return {key: (node.get("class_type"), node["inputs"]) for key, node in prompt.items()}


def test_every_template_is_converted_exactly_as_the_page_does() -> None:
    known = graphs()
    for file in sorted(EXPECTED.glob("*.json")):
        got = json.loads(json.dumps(to_api(known[file.name], specs())))
        assert essence(got) == essence(json.loads(file.read_text())), file.name


def test_edits_written_back_are_found_again_in_every_template() -> None:
    dice = random.Random(3)
    for name, made in graphs().items():
        conversion = convert(made, specs())
        prompt = copy.deepcopy(conversion.prompt)
        for key, place in conversion.places.items():
            node_id, field = key.split(".", 1)
            inputs = prompt[node_id]["inputs"]
            value = inputs[field]
            tied = place.spot.node in place.hosts and place.own is None
            decides = any(other.startswith(field + ".") for other in inputs) or _decides(prompt[node_id], field)
            if type(value) in (int, float, str) and not tied and not decides and dice.random() < 0.3:
                inputs[field] = value + 1 if not isinstance(value, str) else value + " more"
        _tie(conversion.places, prompt)
        again = to_api(write_back(made, conversion.places, prompt), specs())
        assert essence(again) == essence(prompt), name


def _decides(node: dict[str, Any], field: str) -> bool:
    """Whether the value decides which other inputs there are."""
    known = specs().get(node.get("class_type", ""), {}).get("input", {})
    kinds = [section[field][0] for section in known.values() if isinstance(section, dict) and field in section]
    return node.get("class_type") == "CustomCombo" or "COMFY_DYNAMICCOMBO_V3" in kinds


def _tie(places: Any, prompt: dict[str, Any]) -> None:
    """An input without a widget always has the value of the widget that leads it."""
    leaders = {place.spot: key for key, place in places.items() if place.leads}
    for key, place in places.items():
        if place.own is None and place.spot in leaders:
            source, target = leaders[place.spot].split(".", 1), key.split(".", 1)
            prompt[target[0]]["inputs"][target[1]] = prompt[source[0]]["inputs"][source[1]]


def test_mutated_templates_end_with_a_result_or_a_sentence() -> None:
    dice = random.Random(11)
    known = list(graphs().values())
    for _ in range(150):
        check(mutate(copy.deepcopy(dice.choice(known)), dice), specs())
