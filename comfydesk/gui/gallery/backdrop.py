"""The viewer's own look: dark in both themes, so that nothing outshines the picture."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from comfydesk.gui.context import Context
from comfydesk.gui.style.icons import Icons
from comfydesk.gui.style.sheet import style_sheet
from comfydesk.gui.style.tokens import DARK, Tokens

BACK = "#0b0d11"
TOKENS: Tokens = replace(DARK, background=BACK, panel=BACK)


class DarkTheme(QObject):
    """Stands where a Theme is asked for, and never changes."""

    changed = Signal()
    tokens = TOKENS

    def color(self, name: str) -> QColor:
        return QColor(TOKENS.color(name))


def darkened(context: Context, parent: QObject) -> Context:
    """The same context for panels that lie on the dark backdrop."""
    theme = DarkTheme(parent)
    return replace(context, theme=theme, icons=Icons(theme))  # type: ignore[arg-type]


def sheet(name: str) -> str:
    """The style sheet of the frame with that object name and all in it."""
    return f"{style_sheet(TOKENS)}\nQFrame#{name} {{ background: {BACK}; border: none; }}"
