"""An icon beside text. It takes its colour when it is painted, so it follows the theme by itself."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ..style.icons import Icons


class IconLabel(QWidget):
    """`size` in device-independent pixels; `role` is a colour of the tokens. Not for pressing."""

    def __init__(self, icons: Icons, name: str, size: int = 18, role: str = "muted", parent: QWidget | None = None):
        super().__init__(parent)
        self._icons, self._name, self._role = icons, name, role
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(size, size)

    def set_icon(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        self.update()

    def sizeHint(self) -> QSize:
        return self.maximumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        pixmap = self._icons.pixmap(self._name, self.width(), self._role, ratio=self.devicePixelRatioF())
        QPainter(self).drawPixmap(QPoint(0, 0), pixmap)
