"""Buttons in the kinds of the style sheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from .labels import set_plain_tooltip


def button(
    text: str, kind: str = "", *, icon: QIcon | None = None, clicked: Callable[[], object] | None = None
) -> QPushButton:
    """A push button: kind primary | quiet | danger | link, or plain without one."""
    made = QPushButton(text.replace("&", "&&"))
    if kind:
        made.setProperty("kind", kind)
    if kind == "link":
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    if icon is not None:
        made.setIcon(icon)
        made.setIconSize(QSize(16, 16))
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def icon_button(
    icon: QIcon, tip: str, *, clicked: Callable[[], object] | None = None, checkable: bool = False, kind: str = ""
) -> QToolButton:
    """A square button with an icon only; `tip` is its tooltip and its name for screen readers."""
    made = QToolButton()
    made.setIcon(icon)
    made.setIconSize(QSize(18, 18))
    made.setCheckable(checkable)
    made.setAccessibleName(tip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if kind:
        made.setProperty("kind", kind)
    set_plain_tooltip(made, tip)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def menu(parent: QWidget) -> QMenu:
    """A menu with the rounded corners of the sheet."""
    made = QMenu(parent)
    made.setWindowFlags(made.windowFlags() | Qt.WindowType.FramelessWindowHint | Qt.WindowType.NoDropShadowWindowHint)
    made.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    return made
