from __future__ import annotations

from tests.jobs.conftest import demo, demo_child, home, make_rig, rig, start_demo

__all__ = ["demo", "demo_child", "home", "make_rig", "rig", "start_demo"]
