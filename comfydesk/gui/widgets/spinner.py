"""Small signs of state: a turning arc while something is looked for, and a dot."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from ..style.theme import Theme

_STEP_MS = 50


class Spinner(QWidget):
    """An arc that turns while it is visible; with reduced motion it stands still."""

    def __init__(self, theme: Theme, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._angle = 90
        self.setFixedSize(size, size)
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._turn)

    def _turn(self) -> None:
        self._angle = (self._angle - 24) % 360
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._theme.reduced_motion:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(self._theme.color("line"), 2))
        painter.drawEllipse(room)
        painter.setPen(QPen(self._theme.color("accent"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(room, self._angle * 16, 100 * 16)


class Dot(QWidget):
    """A filled circle in the colour of a token; hollow when `filled` is False, so that colour is not the only sign."""

    def __init__(self, theme: Theme, role: str = "faint", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._role, self._filled = theme, role, True
        self.setFixedSize(10, 10)

    @property
    def role(self) -> str:
        return self._role

    def set_role(self, role: str, *, filled: bool = True) -> None:
        self._role, self._filled = role, filled
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(10, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(self._theme.tokens.color(self._role))
        if self._filled:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QRectF(1, 1, 8, 8))
        else:
            painter.setPen(QPen(color, 1.6))
            painter.drawEllipse(QRectF(1.8, 1.8, 6.4, 6.4))
