"""What a panel shows while it is empty or loading."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..style.icons import Icons
from ..style.theme import Theme
from .buttons import button
from .icon_label import IconLabel
from .labels import label


class Placeholder(QWidget):
    """An empty panel that teaches: icon, heading, a sentence, and what to press. Texts are plain."""

    def __init__(self, icons: Icons, icon: str, title: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(title, "heading", wrap=True)
        self.text = label(text, "muted", wrap=True)
        for said in (self.title, self.text):
            said.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            said.setMaximumWidth(420)
        if not text:
            self.text.hide()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addStretch(2)
        self._icon = IconLabel(icons, icon, 36, "faint")
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        for said in (self.title, self.text):
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(said, 8)
            row.addStretch(1)
            layout.addLayout(row)
        layout.addSpacing(6)
        layout.addLayout(self._buttons)
        layout.addStretch(3)

    def add_button(self, text: str, clicked: Callable[[], object], kind: str = "") -> QWidget:
        made = button(text, kind, clicked=clicked)
        self._buttons.insertWidget(self._buttons.count() - 1, made)
        return made

    def set_quiet(self, quiet: bool) -> None:
        """Say nothing: something lies on it, or it is not known yet whether the panel is empty."""
        self._icon.setVisible(not quiet)
        self.title.setVisible(not quiet)
        self.text.setVisible(not quiet and bool(self.text.text()))

    def say(self, title: str, text: str = "") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))


class Skeleton(QWidget):
    """Grey shapes where content will be; drawn only after 150 ms, so that quick loading does not flicker.

    `shape`: "rows" (picture and two lines), "tiles" (squares), "form" (label and field), "stage" (one large picture),
    "cards" (a title and cards in a column).
    """

    def __init__(self, theme: Theme, shape: str = "rows", *, at_once: bool = False, parent: QWidget | None = None):
        super().__init__(parent)
        self._theme, self._shape = theme, shape
        self._is_drawn = at_once
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(150)
        self._timer.timeout.connect(self._draw)
        theme.changed.connect(self.update)

    def _draw(self) -> None:
        self._is_drawn = True
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_drawn:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._is_drawn:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        color = self._theme.color("text")
        color.setAlphaF(0.06)  # on whatever surface it lies
        painter.setBrush(color)
        for shape, radius in getattr(self, f"_{self._shape}")(self.width(), self.height()):
            painter.drawRoundedRect(shape, radius, radius)

    @staticmethod
    def _rows(width: int, height: int) -> list[tuple[QRectF, float]]:
        shapes: list[tuple[QRectF, float]] = []
        for index, y in enumerate(range(12, max(13, height - 52), 54)):
            shapes.append((QRectF(12, y, 40, 40), 6))
            shapes.append((QRectF(64, y + 4, max(20.0, (width - 76) * (0.75 - 0.1 * (index % 3))), 12), 4))
            shapes.append((QRectF(64, y + 24, max(20.0, (width - 76) * 0.45), 10), 4))
            if index == 6:
                break
        return shapes

    @staticmethod
    def _tiles(width: int, height: int) -> list[tuple[QRectF, float]]:
        columns = max(2, width // 170)
        side = (width - 16 - 8 * (columns - 1)) / columns
        rows = max(1, int((height - 8) // (side + 8)))
        return [
            (QRectF(8 + column * (side + 8), 8 + row * (side + 8), side, side), 8)
            for row in range(rows)
            for column in range(columns)
        ]

    @staticmethod
    def _form(width: int, height: int) -> list[tuple[QRectF, float]]:
        shapes: list[tuple[QRectF, float]] = [(QRectF(16, 18, 120, 14), 4), (QRectF(16, 50, 60, 10), 4)]
        shapes.append((QRectF(16, 68, width - 32, 88), 8))
        for y in range(172, max(173, height - 120), 66):
            shapes.append((QRectF(16, y, 80, 10), 4))
            shapes.append((QRectF(16, y + 18, (width - 44) / 2, 34), 8))
            shapes.append((QRectF(28 + (width - 44) / 2, y + 18, (width - 44) / 2, 34), 8))
        return shapes

    @staticmethod
    def _cards(width: int, height: int) -> list[tuple[QRectF, float]]:
        column = min(640, width - 48)
        left = (width - column) / 2
        shapes: list[tuple[QRectF, float]] = [(QRectF(left, 38, min(260, column), 18), 4)]
        shapes += [(QRectF(left, y, column, 92), 12) for y in range(96, max(97, height - 120), 104)][:3]
        return shapes

    @staticmethod
    def _stage(width: int, height: int) -> list[tuple[QRectF, float]]:
        strip = 150 if height > 420 else 0
        return [(QRectF(16, 16, width - 32, height - 32 - strip), 12)]
