"""Prompt, size, seed and media inputs are found in nearly all of the 255 shared workflows.

Two judges that know nothing of the code: `role_truth`, which follows each text forwards, and a person's answers for
sixty workflows drawn at random (`role_answers.txt`).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from comfydesk.form.build import build
from comfydesk.form.fields import Form, Kind, Role
from comfydesk.workflow.parse import parse
from comfydesk.workflow.specs import Specs
from tests.form.graphs import SHARED, recorded
from tests.form.role_truth import Place, Truth, is_link

log = logging.getLogger(__name__)  # the figures: pytest --log-cli-level=INFO tests/form/test_roles.py

EXPECTED = SHARED / "conversion" / "expected"
ANSWERS = Path(__file__).with_name("role_answers.txt")
GOAL = 0.95
SIZE_OF_SERVICE = re.compile(r"(^|\.)(aspect_ratio|ratio|resolution|size|size_preset)$")


def _files() -> list[Path]:
    return sorted(EXPECTED.glob("*.json"))


pytestmark = pytest.mark.skipif(not _files(), reason="the recorded workflows are not here")


@cache
def forms() -> dict[str, tuple[dict[str, Any], Form]]:
    specs = Specs.from_object_info(recorded("0.33.0"))
    made = {}
    for file in _files():
        data = file.read_bytes()
        made[file.stem] = json.loads(data), build(parse(data, file.name), specs)
    return made


def of_role(form: Form, role: Role) -> set[str]:
    return {item.key for item in form.fields if item.role is role and item.kind is not Kind.LINK}


def right(wanted: dict[str, set[str]], role: Role) -> tuple[float, list[str]]:
    wrong = [name for name, keys in wanted.items() if of_role(forms()[name][1], role) != keys]
    return 1 - len(wrong) / len(wanted), wrong


@cache
def truths() -> dict[str, Truth]:
    info = recorded("0.33.0")
    return {name: Truth(prompt, info) for name, (prompt, _) in forms().items()}


def keys(places: set[Place]) -> set[str]:
    return {f"{node_id}.{name}" for node_id, name in places}


@pytest.mark.parametrize(
    ("role", "part"),
    [(Role.PROMPT, "prompts"), (Role.NEGATIVE, "negatives"), (Role.SEED, "seeds"), (Role.MEDIA, "media")],
)
def test_what_the_links_say_of_an_input_is_its_role(role: Role, part: str) -> None:
    share, wrong = right({name: keys(getattr(truth, part)) for name, truth in truths().items()}, role)
    log.info(f"{role.value}: {share:.1%} of {len(truths())}; not {', '.join(wrong) or 'any'}")
    assert share >= GOAL, wrong


def test_the_size_can_be_set_among_the_essentials_where_it_can_be_set() -> None:
    info = recorded("0.33.0")
    wanted = {name: found for name, (prompt, _) in forms().items() if (found := set(_sizes(prompt, info)))}
    wrong = [name for name, found in wanted.items() if not found & set(forms()[name][1].essentials)]
    share = 1 - len(wrong) / len(wanted)
    log.info(f"size: {share:.1%} of {len(wanted)}; not {', '.join(wrong) or 'any'}")
    assert len(wanted) > 150
    assert share >= GOAL, wrong


def _sizes(prompt: dict[str, Any], info: dict[str, Any]) -> Iterator[str]:
    """Where a host or the workflow's author says that a size is set: a latent's own, a service's, a titled number."""
    for node_id, node in prompt.items():
        spec = info.get(node.get("class_type", ""), {})
        title = node.get("_meta", {}).get("title", "")
        for name, value in node["inputs"].items():
            latent = "LATENT" in spec.get("output", []) and name in ("width", "height")
            service = spec.get("api_node") and SIZE_OF_SERVICE.search(name)
            chooser = node.get("class_type") == "ResolutionSelector" and name == "aspect_ratio"
            titled = name == "value" and re.search(r"\b(width|height)\b", title, re.I)
            if not is_link(value) and (latent or service or chooser or titled):
                yield f"{node_id}.{name}"


def answers() -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = {}
    name = ""
    for line in ANSWERS.read_text("utf-8").splitlines():
        if line.startswith("  "):
            letter, *said = line.split()
            found[name][letter] = set(said)
        elif not line.startswith("#"):
            name = line
            found[name] = {letter: set() for letter in "PNSZM"}
    return found


@pytest.mark.parametrize(
    ("letter", "role"), [("P", Role.PROMPT), ("N", Role.NEGATIVE), ("S", Role.SEED), ("M", Role.MEDIA)]
)
def test_a_person_who_reads_the_workflow_says_the_same(letter: str, role: Role) -> None:
    share, wrong = right({name: said[letter] for name, said in answers().items()}, role)
    log.info(f"{role.value}, by hand: {share:.1%} of {len(answers())}")
    assert len(answers()) == 60
    assert share >= GOAL, wrong


def test_a_person_finds_the_size_where_the_form_shows_it() -> None:
    wrong = [name for name, said in answers().items() if not said["Z"] <= set(forms()[name][1].essentials)]
    log.info(f"size, by hand: {1 - len(wrong) / len(answers()):.1%}")
    assert len(wrong) <= (1 - GOAL) * len(answers()), wrong


def test_negative_prompts_without_effect_are_no_essentials() -> None:
    _, form = forms()["video_wan_vace_14B_ref2v"]
    negative = form.by_key["107.text"]
    assert negative.role is Role.NEGATIVE
    assert not negative.essential
