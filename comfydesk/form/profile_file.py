"""A form's arrangement as a file of its own (`*.form.json`), to give to others or to take to another computer."""

from __future__ import annotations

import json
from collections.abc import Mapping

from comfydesk.base.errors import Problem
from comfydesk.form.profile import Profile, from_json
from comfydesk.workflow import json_text

ENDING = ".form.json"
FORMAT = "comfydesk.form"
VERSION = 1
MAX_BYTES = 1 << 20


def write(profile: Profile, workflow: str) -> bytes:
    """The file's content. `workflow`: the title of the workflow that it was made for, for people to read."""
    content = {"format": FORMAT, "version": VERSION, "workflow": workflow, "profile": profile.to_json()}
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def read(data: bytes, name: str) -> Profile:
    """The arrangement in a file; what is odd in it is left out. `name` is for the message.

    Raises Problem profile_not for a file that is something else, too large, or of a later version.
    """
    if len(data) > MAX_BYTES:
        raise Problem("profile_not", file=name, detail="it is larger than 1 MB")
    try:
        content = json_text.read(data, name).value
    except Problem as problem:
        raise Problem("profile_not", file=name, detail=problem.facts.get("detail", "it is not JSON")) from problem
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        raise Problem("profile_not", file=name, detail="it holds something else")
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise Problem("profile_not", file=name, detail="it is of a later version of ComfyDesk")
    return from_json(content.get("profile"))
