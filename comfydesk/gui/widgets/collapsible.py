"""A section that opens and closes under its heading."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ..style.icons import Icons
from .labels import ElidedLabel


class CollapsibleSection(QWidget):
    """Heading with a chevron, a muted note beside it ("6 fields · 2 changed"), and a body that may be made late.

    `toggled(bool)`: opened or closed, by hand or by `set_open`.
    """

    toggled = Signal(bool)

    def __init__(self, icons: Icons, title: str, *, is_open: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._title = title
        self._head = QToolButton()
        self._head.setCheckable(True)
        self._head.setProperty("kind", "section")
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setIconSize(QSize(14, 14))
        self._head.setText(title.replace("&", "&&"))
        self._head.toggled.connect(self._on_toggled)
        self._note = ElidedLabel("", "small")
        row = self._row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._head)
        row.addWidget(self._note, 1)
        self._body = QWidget()
        self._body.setVisible(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addLayout(row)
        outer.addWidget(self._body)
        self._show_chevron()
        self.set_open(is_open)

    @property
    def body(self) -> QWidget:
        """The widget to lay the content out in."""
        return self._body

    @property
    def is_open(self) -> bool:
        return self._head.isChecked()

    def set_open(self, is_open: bool) -> None:
        self._head.setChecked(is_open)

    def set_note(self, text: str) -> None:
        self._note.set_text(text)

    def add_action(self, widget: QWidget) -> None:
        """Put a button at the right end of the heading."""
        self._row.addWidget(widget)

    def set_title(self, title: str) -> None:
        self._title = title
        self._head.setText(title.replace("&", "&&"))

    def _on_toggled(self, is_open: bool) -> None:
        self._show_chevron()
        self.toggled.emit(is_open)  # first: a body that is filled while it is seen is laid out once for each part
        self._body.setVisible(is_open)

    def _show_chevron(self) -> None:
        self._head.setIcon(self._icons.icon("chevron-down" if self.is_open else "chevron-right", "muted"))
