"""Type: the system's UI font at the sizes of the design, with digits of equal width."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont, QFontDatabase

BODY, HEADING, TITLE, LABEL, CAPTION = 13, 14, 20, 12, 11  # px

# On Linux without a desktop's font setting Qt says “Sans Serif” 9 pt; the best installed sans is used then.
_GOOD_SANS = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Roboto", "Open Sans", "DejaVu Sans")
_NAMELESS = frozenset({"", "Sans Serif", "Sans", "sans-serif", "Helvetica"})


def body_font(system: QFont) -> QFont:
    """The font of the application, made from the system's."""
    font = QFont(system)
    if sys.platform not in ("win32", "darwin") and system.family() in _NAMELESS:
        installed = set(QFontDatabase.families())
        family = next((name for name in _GOOD_SANS if name in installed), "")
        if family:
            font.setFamilies([family])
    font.setPixelSize(BODY)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def sized(base: QFont, pixels: int, *, weight: QFont.Weight | None = None) -> QFont:
    """`base` at another size, for painting by hand."""
    font = QFont(base)
    font.setPixelSize(pixels)
    if weight is not None:
        font.setWeight(weight)
    return font
