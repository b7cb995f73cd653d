"""What the server shall write into the files of a job beside the prompt: the editor's graph with the values used."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping
from typing import Any

from comfydesk.jobs.model import MAX_EDITOR_GRAPH, EditorGraph, JobRequest

log = logging.getLogger(__name__)


def extra_data(request: JobRequest, *, previews: bool) -> dict[str, Any] | None:
    """`extra_data` of the POST, None where there is none. Blocking: up to 50 ms for a graph of a megabyte.

    It is public and baked into files (S33): nothing but the workflow goes in.
    """
    made: dict[str, Any] = {"preview_method": "auto"} if previews else {}
    if request.editor is not None and (graph := workflow(request.editor, request.prompt)) is not None:
        made["extra_pnginfo"] = {"workflow": graph}
    return made or None


def workflow(editor: EditorGraph, prompt: Mapping[str, Any]) -> dict[str, Any] | None:
    """The editor's graph with the prompt's values in its widgets; None where that fails: a picture matters more."""
    from comfydesk.workflow import conversion

    try:
        graph, places = _read(editor)
        written: dict[str, Any] = conversion.write_back(graph, places, prompt)
        size = len(json.dumps(written, allow_nan=False, separators=(",", ":")))
    except Exception:
        log.warning("the files of a job go without their workflow", exc_info=True)
        return None
    if size > MAX_EDITOR_GRAPH:
        log.info("the files of a job go without their workflow: %d bytes", size)
        return None
    return written


@functools.lru_cache(maxsize=2)
def _read(editor: EditorGraph) -> tuple[dict[str, Any], Any]:
    """Graph and places of a stored graph: read once for the jobs that share it."""
    from comfydesk.workflow import conversion

    graph, places = editor.read()
    return graph, conversion.places_from_json(places)
