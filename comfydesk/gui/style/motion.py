"""Motion: at most 150 ms, and none where the person asked for none."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

DURATION_MS = 140


def is_reduced(app: QApplication) -> bool:
    """Whether the system, the style or `$COMFYDESK_REDUCED_MOTION` asks for no animation."""
    if os.environ.get("COMFYDESK_REDUCED_MOTION", "") not in ("", "0"):
        return True
    return not app.isEffectEnabled(Qt.UIEffect.UI_General) and os.name == "nt"


def duration(app: QApplication) -> int:
    """Milliseconds of an animation: 0 with reduced motion."""
    return 0 if is_reduced(app) else DURATION_MS
