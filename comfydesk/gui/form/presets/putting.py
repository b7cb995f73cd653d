"""Puts values into the open form as one step of its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.form.fields import SeedMode
from comfydesk.gui.form.session import FormSession


def put(session: FormSession, values: Mapping[str, Any], what: str) -> list[str]:
    """Set values by field key; seeds stay at what they are given. Returns the keys that changed."""
    state = session.state
    if state is None:
        return []
    changed: dict[str, None] = {}
    for key, value in values.items():
        if key not in state.values:
            continue
        changed |= dict.fromkeys(state.set(key, value))
        if key in state.modes:
            changed |= dict.fromkeys(state.set_mode(key, SeedMode.FIXED))
    if changed:
        session.values_changed.emit(list(changed))
        session.edited(list(changed), what)
    return list(changed)
