"""Buttons in the kinds of the style sheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from .labels import set_plain_tooltip


class Button(QPushButton):
    """A push button that Enter presses as Space does, and that leaves the keyboard where it is when clicked.

    Who writes a prompt and clicks Stop goes on writing; a button that goes away takes no focus with it.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def button(
    text: str, kind: str = "", *, icon: QIcon | None = None, clicked: Callable[[], object] | None = None
) -> Button:
    """A push button: kind primary | quiet | danger | link, or plain without one."""
    made = Button(text.replace("&", "&&"))
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
