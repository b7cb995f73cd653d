"""The focus ring: a soft line around what has the keyboard, outside its border.

A style sheet can draw only inside a widget, and a proxy style in Python would slow every paint; one transparent
overlay beside the focused widget costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from .tokens import RADIUS

if TYPE_CHECKING:
    from .theme import Theme

_WIDTH = 3
_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)
_FOLLOW = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange)


class FocusRing(QObject):
    """Follows the focus of the application. Fields always get the ring, buttons only when reached by keyboard.

    A widget may set the property `ring` to False (it shows focus itself) or True (always).
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._target: QWidget | None = None
        self._overlay: _Overlay | None = None
        app = QApplication.instance()
        app.focusChanged.connect(self._on_focus_changed)
        theme.changed.connect(self._on_theme_changed)

    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        self._leave()
        if now is None or not self._wants_ring(now):
            return
        parent = now.parentWidget()
        if parent is None or isinstance(parent, QSplitter):  # a splitter would lay the overlay out as a pane
            return
        self._target = now
        now.installEventFilter(self)
        now.destroyed.connect(self._on_target_destroyed)
        self._overlay = _Overlay(parent, QColor(self._theme.tokens.ring))
        self._place()

    def _wants_ring(self, widget: QWidget) -> bool:
        wish = widget.property("ring")
        if wish is not None:
            return bool(wish)
        if isinstance(widget, _FIELDS):
            return widget.property("kind") != "bare"
        if isinstance(widget, QAbstractButton):
            by_mouse = QApplication.mouseButtons() != Qt.MouseButton.NoButton
            return widget.property("kind") != "link" and not by_mouse
        return False

    def _leave(self) -> None:
        target, self._target = self._target, None
        if target is not None and isValid(target):  # a closing dialog's field loses the focus while it is destroyed
            target.removeEventFilter(self)
            target.destroyed.disconnect(self._on_target_destroyed)
        if self._overlay is not None:
            self._overlay.hide()
            self._overlay.deleteLater()
            self._overlay = None

    def _on_target_destroyed(self) -> None:
        self._target = None
        self._leave()

    def _on_theme_changed(self) -> None:
        if self._overlay is not None:
            self._overlay.set_color(QColor(self._theme.tokens.ring))

    def _place(self) -> None:
        if self._target is None or self._overlay is None:
            return
        self._overlay.setGeometry(self._target.geometry().adjusted(-_WIDTH, -_WIDTH, _WIDTH, _WIDTH))
        self._overlay.setVisible(self._target.isVisible())
        self._overlay.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._target and event.type() in _FOLLOW:
            self._place()
        return False


class _Overlay(QWidget):
    def __init__(self, parent: QWidget, color: QColor) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._color = color

    def set_color(self, color: QColor) -> None:
        self._color = color
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(self._color)
        color.setAlphaF(0.55)
        painter.setPen(QPen(color, _WIDTH - 0.5))
        inset = (_WIDTH - 0.5) / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS + inset, RADIUS + inset
        )
