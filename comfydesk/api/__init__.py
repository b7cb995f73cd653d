"""The Python API behind the names of the package root."""

from comfydesk.api.calls import Report, generate, run_batch
from comfydesk.api.client import Client, Workflow

__all__ = ["Client", "Report", "Workflow", "generate", "run_batch"]
