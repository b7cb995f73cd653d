"""The head of the form: which workflow it is, and how far it differs from its file."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.labels import ElidedLabel


class FormHeader(QWidget):
    """`reset_requested`: put all values of the file back."""

    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 4)
        row.setSpacing(8)
        self.setFixedHeight(44)
        self.title = ElidedLabel("", "heading")
        row.addWidget(self.title, 1)
        self.reset = button("", "quiet", clicked=self.reset_requested.emit)
        self.reset.setToolTip(self.tr("Put all values of the file back"))
        row.addWidget(self.reset)
        self.reset.hide()

    def show_workflow(self, title: str) -> None:
        self.title.set_text(title)
        self.show_changed(0)

    def show_changed(self, count: int) -> None:
        """How many values differ from the file."""
        self.reset.setVisible(count > 0)
        self.reset.setText(self.tr("{n} changed · reset").format(n=count))
