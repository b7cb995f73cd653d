"""What is said over the window while files are dragged across it."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from .drops import MEDIA
from .style.fonts import sized
from .style.tokens import RADIUS

_INSET = 8
_PICTURES = frozenset({".png", ".apng", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif"})
_MEDIA = frozenset(f".{ending}" for ending in MEDIA) | _PICTURES


class DropHint(QWidget):
    """A frame around `window` and one sentence, from the moment files come in until they leave or are let go."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def says(self, files: list[str]) -> str:
        """What letting go of these files does; without files it is a link into the web."""
        endings = {PurePath(file).suffix.lower() for file in files}
        if not files:
            return self.tr("Drop to fetch the workflow behind this link")
        if endings <= {".json", ".txt"}:
            one = self.tr("Drop to add this workflow")
            return one if len(files) == 1 else self.tr("Drop to add {n} workflows").format(n=len(files))
        if endings <= _PICTURES and len(files) == 1:
            return self.tr("Drop to open the workflow in this picture, or on an image field to use it there")
        if endings <= _MEDIA | {".json"}:
            one = self.tr("Drop to open the workflow in this file")
            return one if len(files) == 1 else self.tr("Drop to open the workflows in these files")
        return self.tr("Workflows, pictures and videos can be dropped here")

    def show_for(self, files: list[str]) -> None:
        """Say it."""
        self.text = self.says(files)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self.palette()
        accent, on_accent = palette.highlight().color(), palette.highlightedText().color()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        tint = QColor(accent)
        tint.setAlphaF(0.08)
        painter.setBrush(tint)
        painter.setPen(QPen(accent, 2))
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        font = sized(self.font(), 14)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        width, height = metrics.horizontalAdvance(self.text) + 40, metrics.height() + 20
        pill = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(pill, RADIUS, RADIUS)
        painter.setPen(on_accent)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), self.text)
