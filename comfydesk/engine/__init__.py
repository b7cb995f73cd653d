"""The engine: makes and wires the rooms for window, command line and Python API."""

from comfydesk.engine.engine import Engine

__all__ = ["Engine"]
