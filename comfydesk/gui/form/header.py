"""The head of the form: which workflow it is, how far it differs from its file, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.form.actions import FormActions
from comfydesk.gui.widgets.buttons import button, icon_button
from comfydesk.gui.widgets.labels import ElidedLabel


class FormHeader(QWidget):
    """`reset_requested`: put all values of the file back. `actions` is what the ⋯ button offers."""

    reset_requested = Signal()

    def __init__(self, context: Context, actions: FormActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 4)
        row.setSpacing(8)
        self.setFixedHeight(44)
        self.title = ElidedLabel("", "heading")
        row.addWidget(self.title, 1)
        self.reset = button("", "quiet", clicked=self.reset_requested.emit)
        self.reset.setToolTip(self.tr("Put all values of the file back"))
        row.addWidget(self.reset)
        self.reset.hide()
        self.more = icon_button(
            context.icons.icon("more", "muted"),
            self.tr("What else can be done with this form"),
            clicked=lambda: actions.open_below(self.more),
        )
        row.addWidget(self.more)
        self.more.hide()

    def add(self, widget: QWidget) -> None:
        """Put something behind the title."""
        self._row.insertWidget(1, widget)

    def show_workflow(self, title: str, *, is_open: bool = False) -> None:
        """`is_open`: there is a form to do something with."""
        self.title.set_text(title)
        self.more.setVisible(is_open)
        self.show_changed(0)

    def show_changed(self, count: int) -> None:
        """How many values differ from the file."""
        self.reset.setVisible(count > 0)
        self.reset.setText(self.tr("{n} changed · reset").format(n=count))
