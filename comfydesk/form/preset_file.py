"""Presets as JSON: in a workflow's sidecar, as a style's file in the home, and as files to give away (`*.preset.json`).

{"format": "comfydesk.preset", "version": 1, "presets": [
  {"name": "Oil", "kind": "style", "prompt": "{prompt}, oil painting", "negative": "photo", "values": {"cfg": 6}}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form import presets
from comfydesk.form.fields import LocalFile
from comfydesk.form.presets import Preset, PresetKind
from comfydesk.form.values import is_finite
from comfydesk.workflow import json_text

ENDING = ".preset.json"
FORMAT = "comfydesk.preset"
VERSION = 1
MAX_BYTES = 2 << 20
_LOCAL_FILE = "local_file"  # {"local_file": "/path"} stands for a LocalFile, as in a draft


def write(made: Iterable[Preset], workflow: str = "") -> bytes:
    """The content of a file to give away. Files of this computer are left out: others do not have them, and need not
    know where they lie. `workflow`: the title of the one that they were made for, for people to read."""
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    if workflow:
        content["workflow"] = workflow
    content["presets"] = [to_json(preset, with_files=False) for preset in made]
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def read(data: bytes, name: str) -> tuple[Preset, ...]:
    """The presets in a file; what is odd in one is left out. `name` is for the message.

    Raises Problem preset_not for a file that is something else, too large, of a later version, or without any.
    """
    if len(data) > MAX_BYTES:
        raise Problem("preset_not", file=name, detail=f"it is larger than {MAX_BYTES >> 20} MB")
    try:
        content = json_text.read(data, name).value
    except Problem as problem:
        raise Problem("preset_not", file=name, detail=problem.facts.get("detail", "it is not JSON")) from problem
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        raise Problem("preset_not", file=name, detail="it holds something else")
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise Problem("preset_not", file=name, detail="it is of a later version of ComfyDesk")
    found = _list(content.get("presets"))
    if not found:
        raise Problem("preset_not", file=name, detail="there is no preset in it")
    return found


def to_kept(made: Sequence[Preset], active: str) -> dict[str, Any]:
    """What the sidecar keeps of a workflow: its presets, and which one was applied last; {} where that is nothing."""
    content: dict[str, Any] = {"presets": [to_json(preset) for preset in made]} if made else {}
    return content | ({"active": active} if active else {})


def of_kept(content: Mapping[str, Any]) -> tuple[tuple[Preset, ...], str]:
    """The workflow's presets, and the name of the one that was applied last."""
    active = content.get("active")
    return _list(content.get("presets")), presets.clean_name(active) if isinstance(active, str) else ""


def to_json(preset: Preset, *, with_files: bool = True) -> dict[str, Any]:
    """One preset; what says nothing is left out."""
    values = {
        key: {_LOCAL_FILE: value.path} if isinstance(value, LocalFile) else value
        for key, value in preset.values.items()
        if with_files or not isinstance(value, LocalFile)
    }
    said = {"prompt": preset.prompt, "negative": preset.negative, "values": values}
    return {"name": preset.name, "kind": preset.kind.value} | {key: value for key, value in said.items() if value}


def from_json(content: Any) -> Preset | None:
    """One preset as JSON has it; None for what is none. People edit these files, and get them from others."""
    if not isinstance(content, Mapping) or not isinstance(content.get("name"), str):
        return None
    name = presets.clean_name(content["name"])
    kind = content.get("kind", PresetKind.WORKFLOW.value)
    if not name or kind not in PresetKind.__members__.values():
        return None
    values = content.get("values")
    pairs = list(values.items())[: presets.MAX_VALUES] if isinstance(values, Mapping) else []
    taken = {key: _value(value) for key, value in pairs if is_finite(value)}
    if kind == PresetKind.WORKFLOW:
        return Preset(name, PresetKind.WORKFLOW, taken)
    settings = {key: value for key, value in taken.items() if key in presets.STYLE_ROLES}
    return Preset(name, PresetKind.STYLE, settings, _text(content.get("prompt")), _text(content.get("negative")))


def _list(content: Any) -> tuple[Preset, ...]:
    """At most as many as there may be; of two with one name the first."""
    found: dict[str, Preset] = {}
    for item in content[: presets.MAX_PRESETS] if isinstance(content, list) else ():
        preset = from_json(item)
        if preset is not None:
            found.setdefault(preset.name.casefold(), preset)
    return tuple(found.values())


def _value(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {_LOCAL_FILE} and isinstance(value[_LOCAL_FILE], str):
        return LocalFile(value[_LOCAL_FILE])
    return value


def _text(value: Any) -> str:
    return value[: presets.MAX_FRAGMENT] if isinstance(value, str) else ""
