"""What the first frame shows where a page will be."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from .style.theme import Theme
from .widgets.placeholder import Skeleton

_LIBRARY, _FORM, _QUEUE = 248, 432, 150  # the Create page's panels, as the design has them

_SHAPES = {"gallery": "tiles", "queue": "rows"}


class PageSkeleton(QWidget):
    """Grey shapes in the places of the page's panels."""

    def __init__(self, theme: Theme, key: str) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        if key != "create":
            outer.addWidget(Skeleton(theme, _SHAPES.get(key, "cards"), at_once=True))
            return
        row = QHBoxLayout()
        row.setSpacing(0)
        for shape, width in (("rows", _LIBRARY), ("form", _FORM)):
            row.addWidget(_panel(Skeleton(theme, shape, at_once=True), width=width))
            row.addWidget(_line("vline"))
        row.addWidget(Skeleton(theme, "stage", at_once=True), 1)
        outer.addLayout(row, 1)
        outer.addWidget(_line("line"))
        outer.addWidget(_panel(QWidget(), height=_QUEUE))


def _panel(content: QWidget, *, width: int = 0, height: int = 0) -> QFrame:
    made = QFrame()
    made.setProperty("kind", "panel")
    if width:
        made.setFixedWidth(width)
    if height:
        made.setFixedHeight(height)
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(content)
    return made


def _line(kind: str) -> QFrame:
    made = QFrame()
    made.setProperty("kind", kind)
    return made
