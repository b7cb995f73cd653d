"""The node whose choices its author writes into it: `choice` is one of `option1`, `option2`, …, `index` its place.

Source: the page's customCombo extension (frontend 1.49.6), which writes all of them into the prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CLASS = "CustomCombo"
MAX_OPTIONS = 500


def choices_of(class_type: str, inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """What can be chosen in a node, () for every other class."""
    if class_type != CLASS:
        return ()
    found = [inputs.get(f"option{number}") for number in range(1, MAX_OPTIONS)]
    return tuple(option for option in found if isinstance(option, str) and option)


def follow(prompt: Mapping[str, Any], node_id: str) -> None:
    """Set the place of the choice in a prompt, after another one was made."""
    node = prompt[node_id]
    inputs = node["inputs"]
    choices = choices_of(node.get("class_type", ""), inputs)
    if isinstance(inputs.get("index"), int) and inputs.get("choice") in choices:
        inputs["index"] = choices.index(inputs["choice"])
