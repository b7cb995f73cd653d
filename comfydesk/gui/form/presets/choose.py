"""Side by side: the form and something else, with a tick for each field that is to be taken over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from comfydesk.form.compare import Difference
from comfydesk.gui.context import Context
from comfydesk.gui.form.presets.tick_table import Line, TickTable
from comfydesk.gui.library.dialog import Dialog
from comfydesk.gui.widgets.labels import counted


class ChooseDialog(Dialog):
    """`chosen(set of keys)`: the fields whose other value goes into the form. `other`: what it is compared with."""

    chosen = Signal(object)

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        title: str,
        other: str,
        found: Sequence[Difference],
        text: str = "",
        ticked: Sequence[str] | None = None,
    ) -> None:
        super().__init__(context, parent, title, text)
        lines = [Line(each.key, each.label, each.place, (each.now, each.other)) for each in found]
        heads = (self.tr("Field"), self.tr("In the form"), other)
        on = [line.key for line in lines] if ticked is None else ticked
        self.table = TickTable(title, lines, heads, on)
        self.table.ticked_changed.connect(self._say)
        self.body.addWidget(self.table, 1)
        self.add_button(self.tr("Cancel"), self.reject)
        self.take = self.add_button("", self._take, "primary")
        self.resize(760, min(560, 268 + 30 * len(lines)))
        self._say()
        self.table.view.setFocus()

    def _say(self) -> None:
        count = len(self.table.ticked)
        self.take.setText(counted(count, self.tr("Put one into the form"), self.tr("Put {n} into the form")))
        self.take.setEnabled(count > 0)

    def _take(self) -> None:
        keys = self.table.ticked
        self.accept()
        self.chosen.emit(keys)


class NothingDialog(Dialog):
    """Both sides say the same."""

    def __init__(self, context: Context, parent: QWidget, title: str, text: str) -> None:
        super().__init__(context, parent, title, text)
        self.add_button(self.tr("Close"), self.accept, "primary")
        self.setMinimumWidth(380)
