"""The presets' half of the stand-in engine: the real one, with what a workflow keeps in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comfydesk.engine.presetdesk import PresetDesk
from comfydesk.form.copy_as import Asked
from comfydesk.server.types import Host


class KeptInMemory:
    """What of the library presets need. `content` by workflow."""

    def __init__(self) -> None:
        self.content: dict[str, dict[str, Any]] = {}

    def kept(self, name: str, what: str) -> dict[str, Any]:
        return dict(self.content.get(name, {}).get(what, {}))

    def keep(self, name: str, what: str, content: Mapping[str, Any] | None) -> None:
        self.content.setdefault(name, {})[what] = dict(content or {})

    def name_of(self, path: Path) -> str:
        return path.stem


class StandInPresets(PresetDesk):
    """Mixed into the stand-in engine, which has a home and a runtime."""

    library: Any
    hostbook: Any

    def _take_inputs(self, form: Any, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Any, ...]]:
        return values, ()

    def _asked(self, opened: Any, press: Any, host: Host | None) -> Asked:
        return Asked(opened.entry.name, opened.form, press.values, press.count, host=host.name if host else "")

    def _host_of(self, host_id: str) -> Host | None:
        return Host(host_id, host_id, f"http://{host_id}:8188") if host_id else None
