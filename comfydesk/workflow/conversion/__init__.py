"""A workflow as ComfyUI's editor saves it → the prompt that the editor's page would send for it, without the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.workflow.conversion.convert import classes_of, convert, to_api
from comfydesk.workflow.conversion.model import Conversion, Note
from comfydesk.workflow.conversion.places import Place, places_from_json, places_to_json
from comfydesk.workflow.conversion.reading import is_gui


def write_back(graph: Mapping[str, Any], places: Mapping[str, Place], prompt: Mapping[str, Any]) -> dict[str, Any]:
    from comfydesk.workflow.conversion.writing import write

    return write(graph, places, prompt)


__all__ = [
    "Conversion",
    "Note",
    "Place",
    "classes_of",
    "convert",
    "is_gui",
    "places_from_json",
    "places_to_json",
    "to_api",
    "write_back",
]
