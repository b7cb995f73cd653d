"""The tags of one or more workflows: tick known ones, type new ones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.library.dialog import Dialog
from comfydesk.gui.library.words import translate, workflows_text
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.plain_line import PlainLine
from comfydesk.library.model import WorkflowEntry

LONGEST = 60  # letters of a tag
MOST_LISTED = 300
LIST_HEIGHT = 232


class TagsDialog(Dialog):
    """`chosen(added, removed)`: lists of tags. A tag that only some of several workflows have is ticked in part."""

    chosen = Signal(object, object)

    def __init__(
        self, context: Context, parent: QWidget, entries: Sequence[WorkflowEntry], known: Sequence[tuple[str, int]]
    ) -> None:
        what = f"“{entries[0].title}”" if len(entries) == 1 else workflows_text(len(entries))
        super().__init__(context, parent, translate("Library", "Tags of {what}").format(what=what[:120]))
        self._before: dict[str, Qt.CheckState] = {}
        self.boxes: dict[str, QCheckBox] = {}
        self.line = PlainLine()
        self.line.setPlaceholderText(self.tr("Find or add a tag"))
        self.line.setAccessibleName(self.tr("Find or add a tag"))
        self.line.setMaxLength(LONGEST)
        self.line.setMinimumWidth(360)
        self.line.textChanged.connect(self._narrow)
        self.line.returnPressed.connect(self._enter)
        self.plus = button(self.tr("Add"), clicked=self._add)
        self.plus.setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.plus)
        self.body.addLayout(row)
        self.body.addWidget(self._list(), 1)
        self._none = label(self.tr("No tags yet. Type one and press Enter."), "muted", wrap=True)
        self.body.addWidget(self._none)
        for tag in _all_tags(entries, known)[:MOST_LISTED]:
            self._put(tag, _state_of(tag, entries))
        self._before = {tag: box.checkState() for tag, box in self.boxes.items()}
        self.add_button(self.tr("Cancel"), self.reject)
        self.add_button(self.tr("Save"), self._save, "primary")
        self._narrow()
        self.line.setFocus()

    def _list(self) -> QWidget:
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(2, 2, 8, 2)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(inner)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return self._scroll

    def _put(self, tag: str, state: Qt.CheckState, at: int = -1) -> None:
        box = QCheckBox(tag.replace("&", "&&"))
        box.setCheckState(state)  # in part: the third state, until it is clicked
        box.clicked.connect(lambda: box.setTristate(False))
        self.boxes[tag] = box
        self._column.insertWidget(self._column.count() - 1 if at < 0 else at, box)

    def _typed(self) -> str:
        return " ".join(self.line.text().replace(",", " ").split()) if self.line.text().strip() else ""

    def _narrow(self) -> None:
        """Show the tags that hold what is typed."""
        text = self._typed().casefold()
        for tag, box in self.boxes.items():
            box.setVisible(text in tag.casefold())
        self.plus.setEnabled(bool(text) and text not in {tag.casefold() for tag in self.boxes})
        self._none.setVisible(not self.boxes)
        self._scroll.setVisible(bool(self.boxes))
        self._scroll.setFixedHeight(min(LIST_HEIGHT, max(4, len(self.boxes)) * 28 + 8))

    def _enter(self) -> None:
        if self._typed():
            self._add()
        else:
            self._save()

    def _add(self) -> None:
        """Tick the typed tag, a new one or a known one."""
        text = self._typed()
        known = next((tag for tag in self.boxes if tag.casefold() == text.casefold()), None)
        if known is not None:
            self.boxes[known].setCheckState(Qt.CheckState.Checked)
        elif text:
            self._put(text, Qt.CheckState.Checked, 0)
        self.line.clear()
        self._narrow()

    def _save(self) -> None:
        if self._typed():
            self._add()
        on, off = Qt.CheckState.Checked, Qt.CheckState.Unchecked
        now = {tag: box.checkState() for tag, box in self.boxes.items()}
        added = [tag for tag, state in now.items() if state is on and self._before.get(tag, off) is not on]
        removed = [tag for tag, state in now.items() if state is off and self._before.get(tag, off) is not off]
        self.accept()
        if added or removed:
            self.chosen.emit(added, removed)


def _all_tags(entries: Sequence[WorkflowEntry], known: Sequence[tuple[str, int]]) -> list[str]:
    """Theirs first, then the others by use."""
    found: dict[str, str] = {}
    for entry in entries:
        for tag in entry.tags:
            found.setdefault(tag.casefold(), tag)
    for tag, _ in known:
        found.setdefault(tag.casefold(), tag)
    return list(found.values())


def _state_of(tag: str, entries: Sequence[WorkflowEntry]) -> Qt.CheckState:
    having = sum(tag.casefold() in {own.casefold() for own in entry.tags} for entry in entries)
    if not having:
        return Qt.CheckState.Unchecked
    return Qt.CheckState.Checked if having == len(entries) else Qt.CheckState.PartiallyChecked
