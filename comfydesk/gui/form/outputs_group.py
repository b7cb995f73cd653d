"""Tick boxes for a workflow with several output nodes: those that are not ticked are left out of the next runs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from comfydesk.form.outputs import PREVIEW
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.form.state import FormState
from comfydesk.gui.widgets.collapsible import CollapsibleSection
from comfydesk.gui.widgets.labels import ElidedLabel, set_plain_tooltip

OUTPUTS = "outputs"  # what the form jumps to instead of a field's key, which has a dot
OPEN_UP_TO = 4  # more boxes than this are folded away
LONGEST = 80  # letters of a node's title


class OutputsGroup(QWidget):
    """`toggled(node id, ticked)`: by hand. Made only where there is something to choose."""

    toggled = Signal(str, bool)

    def __init__(self, state: FormState, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.boxes: dict[str, QCheckBox] = {}
        outputs = state.form.outputs
        self.section = CollapsibleSection(
            context.icons, self.tr("Outputs"), is_open=len(outputs) <= OPEN_UP_TO, parent=self
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.section)
        inside = QVBoxLayout(self.section.body)
        inside.setContentsMargins(RING + 1, 0, RING, 4)
        inside.setSpacing(4)
        for node_id, title, class_type in outputs:
            box = QCheckBox(self._words(title, class_type).replace("&", "&&"))
            set_plain_tooltip(box, f"{title} ({class_type})")
            box.clicked.connect(lambda ticked, node_id=node_id: self.toggled.emit(node_id, bool(ticked)))
            self.boxes[node_id] = box
            inside.addWidget(box)
        self.nothing = ElidedLabel(self.tr("Tick at least one: nothing would come out."), "error")
        self.nothing.hide()
        inside.addWidget(self.nothing)
        self.refresh()

    def refresh(self) -> None:
        """Show what the state says."""
        for node_id, box in self.boxes.items():
            box.setChecked(node_id not in self._state.skipped)
        ticked = len(self.boxes) - len(self._state.skipped)
        note = self.tr("{n} of {all}").format(n=ticked, all=len(self.boxes)) if self._state.skipped else ""
        self.section.set_note(note)
        self.nothing.setVisible(self._state.makes_nothing)

    def jump(self) -> None:
        """Put the keyboard on the first box."""
        self.section.set_open(True)
        next(iter(self.boxes.values())).setFocus()

    def _words(self, title: str, class_type: str) -> str:
        shown = title if len(title) <= LONGEST else title[: LONGEST - 1] + "…"
        if not PREVIEW.search(class_type) or "preview" in shown.casefold():
            return shown
        return self.tr("{title} · preview").format(title=shown)
