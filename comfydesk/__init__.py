"""ComfyDesk drives ComfyUI servers: pick a workflow, fill in a form, queue, find the files in a local folder.

    import comfydesk
    files = comfydesk.generate("sdxl", set={"prompt": "a red fox"}, seed=42, out="output")

The names below are loaded at first use; importing the package imports nothing else, and never Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfydesk.api import Client, Report, Workflow, generate, run_batch
    from comfydesk.base.errors import Problem
    from comfydesk.base.version import __version__

__all__ = ["Client", "Problem", "Report", "Workflow", "__version__", "generate", "run_batch"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from comfydesk.base.version import __version__

        return __version__
    if name == "Problem":
        from comfydesk.base.errors import Problem

        return Problem
    if name in __all__:
        from comfydesk import api

        return getattr(api, name)
    raise AttributeError(f"module 'comfydesk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
