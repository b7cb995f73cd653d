"""The frame of pages that are one column of cards: Hosts, Settings, Help."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from .widgets.labels import label

_WIDTH = 760


class ColumnPage(QScrollArea):
    """`title` and `column`, centred, scrolled when it is too high."""

    def __init__(self, *, width: int = _WIDTH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body, inner = QWidget(), QWidget()
        inner.setMaximumWidth(width)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(12)
        self.title = label("", "title")
        self.column.addWidget(self.title)
        row = QHBoxLayout(body)
        row.setContentsMargins(24, 32, 24, 24)
        row.addStretch(1)
        row.addWidget(inner, 100)
        row.addStretch(1)
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)


def card(title: str = "") -> tuple[QFrame, QVBoxLayout]:
    """A card with an optional heading, and the layout to put its content into."""
    made = QFrame()
    made.setProperty("kind", "card")
    layout = QVBoxLayout(made)
    layout.setContentsMargins(16, 14, 16, 16)
    layout.setSpacing(12)
    if title:
        layout.addWidget(label(title, "heading"))
    return made, layout
