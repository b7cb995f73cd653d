"""Puts values from elsewhere into the open form, with a note that can take them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from comfydesk.form.fields import SeedMode

if TYPE_CHECKING:
    from comfydesk.gui.create.page import CreatePage


def fill(page: CreatePage, values: Mapping[str, Any], said: str) -> None:
    """Show `values` (by field key) in the form, their seeds fixed, and say so; "Undo" brings back what was there."""
    session = page.form.session
    state = session.state
    if state is None:
        return
    for key, value in values.items():
        state.values[key] = value
        state.used.discard(key)
        if key in state.modes:
            state.modes[key] = SeedMode.FIXED
    session.values_changed.emit(list(values))
    session.edited(list(values), page.tr("settings of a result"))
    page.form.edits.offer_undo(said)
