"""A workflow as ComfyUI's editor saves it → the prompt that the editor's page would send for it, without the page."""

from __future__ import annotations

from comfydesk.workflow.conversion.controls import write_controls
from comfydesk.workflow.conversion.convert import classes_of, convert, to_api
from comfydesk.workflow.conversion.model import Conversion, Note
from comfydesk.workflow.conversion.muting import mute
from comfydesk.workflow.conversion.places import Place, Places, places_from_json, places_to_json
from comfydesk.workflow.conversion.reading import is_gui
from comfydesk.workflow.conversion.writing import write as write_back

__all__ = [
    "Conversion",
    "Note",
    "Place",
    "Places",
    "classes_of",
    "convert",
    "is_gui",
    "mute",
    "places_from_json",
    "places_to_json",
    "to_api",
    "write_back",
    "write_controls",
]
