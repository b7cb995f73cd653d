"""What a look at a server tells: pure reading of `/system_stats`, `/features` and `/prompt`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from comfydesk.server.types import HostReport

_DEFAULT_UPLOAD = 104_857_600
_BRANDS = re.compile(r"(?i)\b(nvidia|geforce|amd|radeon\(tm\)|intel\(r\)|\(r\)|\(tm\))\s*")


def report(
    url: str, stats: Mapping[str, Any], flags: Mapping[str, Any], queue: Any, *, has_jobs_api: bool, latency: float
) -> HostReport:
    """Put the answers together; fields of a wrong type count as missing."""
    system = _mapping(stats.get("system"))
    devices = stats.get("devices")
    device = _mapping(devices[0]) if isinstance(devices, list) and devices else {}
    upload = _number(flags.get("max_upload_size"))
    return HostReport(
        url=url,
        version=_text(system.get("comfyui_version")),
        device=_device(device),
        vram_total=_number(device.get("vram_total")),
        vram_free=_number(device.get("vram_free")),
        queue_remaining=_number(_mapping(_mapping(queue).get("exec_info")).get("queue_remaining")),
        has_jobs_api=has_jobs_api,
        has_preview_metadata=flags.get("supports_preview_metadata") is True,
        max_upload_size=upload or _DEFAULT_UPLOAD,
        previews_on=_previews(system.get("argv")),
        is_demo=system.get("comfydesk_demo") is True,
        latency=latency,
    )


def _device(device: Mapping[str, Any]) -> str:
    """ "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync" -> "RTX 4090"; "cpu" -> "CPU"."""
    name = _text(device.get("name"))
    name = re.sub(r"^[a-z]+:\d+\s+", "", name)
    name = re.sub(r"\s*:\s*\w+$", "", name)
    if name.lower() in ("cpu", "mps"):
        return name.upper()
    return _BRANDS.sub("", name).strip() or name


def _previews(argv: Any) -> bool | None:
    """Whether the server sends sampler previews without being asked: only if started with a method (S35)."""
    if not isinstance(argv, list) or not all(isinstance(a, str) for a in argv):
        return None
    arguments = [str(a) for a in argv]
    for argument, following in zip(arguments, [*arguments[1:], "none"], strict=True):
        if argument.startswith("--preview-method="):
            return not argument.endswith("=none")
        if argument == "--preview-method":
            return following != "none"
    return False


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 1e18:
        return 0
    return int(value)
