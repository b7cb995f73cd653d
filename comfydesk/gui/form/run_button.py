"""The primary button: what the press will do, and below it when that will be done."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.style.fonts import CAPTION, sized
from comfydesk.gui.widgets.buttons import Button

HEIGHT = 46


class RunButton(Button):
    """Two lines; the second may be empty. `refused`: it was clicked while it is disabled, to learn why."""

    refused = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._context = context
        self.headline = ""
        self.note = ""
        self.setProperty("kind", "primary")
        self.setStyleSheet(f"QPushButton {{ min-height: {HEIGHT - 2}px; max-height: {HEIGHT - 2}px; }}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def say(self, headline: str, note: str) -> None:
        if (headline, note) != (self.headline, self.note):
            self.headline, self.note = headline, note
            self.setAccessibleName(headline)
            self.setAccessibleDescription(note)
            self.update()

    def event(self, event: QEvent) -> bool:
        pressed = event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent)
        if pressed and not self.isEnabled() and event.button() == Qt.MouseButton.LeftButton:
            self.refused.emit()
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(180, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = self._context.theme.tokens
        painter = QPainter(self)
        # A disabled button says why it is: that text must be readable.
        painter.setPen(QColor(tokens.on_accent if self.isEnabled() else tokens.muted))
        head = sized(self.font(), 13, weight=QFont.Weight.DemiBold)
        small = sized(self.font(), CAPTION, weight=QFont.Weight.Normal)
        room = self.rect().adjusted(8, 0, -8, 0)
        lines = [(self.headline, head, 18)] + ([(self.note, small, 15)] if self.note else [])
        top = (self.height() - sum(height for _, _, height in lines)) // 2
        for text, font, height in lines:
            painter.setFont(font)
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(QRect(room.left(), top, room.width(), height), Qt.AlignmentFlag.AlignCenter, shown)
            top += height
