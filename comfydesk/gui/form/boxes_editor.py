"""The editor for several boxes: each with its place, what is there, and the words that shall be written there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.box_editor import SIDES, BoxEditor
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.style.tokens import CONTROL_HEIGHT
from comfydesk.gui.widgets.buttons import button, icon_button
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.plain_line import PlainLine

MOST = 64
NEW: dict[str, Any] = {
    "x": 0,
    "y": 0,
    "width": 256,
    "height": 256,
    "metadata": {"type": "obj", "text": "", "desc": "", "palette": []},
}


class BoxPart(QWidget):
    """One box of the list. `changed`: its value is another."""

    changed = Signal()
    dropped = Signal()
    problem_changed = Signal()

    def __init__(self, field: Field, number: int, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._value: dict[str, Any] = {}
        name = self.tr("{boxes}, box {n}").format(boxes=field.label, n=number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setContentsMargins(RING, 0, 0, 0)
        head.addWidget(label(self.tr("Box {n}").format(n=number), "muted"), 1)
        close = context.icons.icon("close", "muted")
        drop = icon_button(close, self.tr("Take this box away"), clicked=self.dropped.emit, kind="tight")
        drop.setFixedSize(24, 24)
        head.addWidget(drop)
        column.addLayout(head)
        inner = Field(field.key, field.node_id, field.input_name, name, Kind.JSON, {}, display="bounding_box")
        self.box = BoxEditor(inner, context, self)
        self.box.value_changed.connect(self._moved)
        self.box.problem_changed.connect(self.problem_changed)
        column.addWidget(self.box)
        self.lines: dict[str, PlainLine] = {}
        hints = {"desc": self.tr("What is there"), "text": self.tr("Words to be written there, if any")}
        for key, hint in hints.items():
            line = self.lines[key] = PlainLine()
            line.setFixedHeight(CONTROL_HEIGHT)
            line.setPlaceholderText(hint)
            line.setAccessibleName(f"{name}: {hint}")
            line.textEdited.connect(lambda text, key=key: self._told(key, text))
            framed = QHBoxLayout()
            framed.setContentsMargins(RING, RING, RING, 0)
            framed.addWidget(line)
            column.addLayout(framed)

    @property
    def value(self) -> dict[str, Any]:
        return dict(self._value)

    def set_value(self, value: dict[str, Any]) -> None:
        self._value = dict(value)
        self.box.set_value({side: value.get(side) for side in SIDES})
        for key, line in self.lines.items():
            told = self._metadata().get(key)
            text = told if isinstance(told, str) else ""
            if line.text() != text:
                line.setText(text)

    def _metadata(self) -> dict[str, Any]:
        held = self._value.get("metadata")
        return dict(held) if isinstance(held, dict) else {}

    def _moved(self, box: dict[str, Any]) -> None:
        self._value = {**self._value, **box}
        self.changed.emit()

    def _told(self, key: str, text: str) -> None:
        facts = {**self._metadata(), key: text}
        if key == "text":
            facts["type"] = "text" if text else "obj"
        self._value = {**self._value, "metadata": facts}
        self.changed.emit()


class BoxesEditor(Editor):
    """`value`: a list of {"x", "y", "width", "height", "metadata"}; background first, foreground last."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self._value: list[dict[str, Any]] = []
        self.parts: list[BoxPart] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, RING)
        column.setSpacing(2)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        column.addLayout(self._column)
        self.add = button(self.tr("Add a box"), "link", icon=context.icons.icon("plus", "accent"), clicked=self.grow)
        self.add.setAccessibleName(self.tr("Add a box to {boxes}").format(boxes=field.label))
        column.addWidget(self.add)
        self.setFocusProxy(self.add)
        self.set_value(field.value)

    @property
    def value(self) -> list[dict[str, Any]]:
        return [dict(box) for box in self._value]

    def set_value(self, value: Any) -> None:
        self._value = list(value) if are_boxes(value) else []
        while len(self.parts) < len(self._value):
            self._add_part()
        for index, part in enumerate(self.parts):  # those that are not needed wait for the next box
            part.setVisible(index < len(self._value))
            if index < len(self._value):
                part.set_value(self._value[index])
        self.add.setEnabled(len(self._value) < MOST)

    def grow(self) -> None:
        """Add a box in front of the others."""
        if len(self._value) < MOST:
            self._take([*self._value, {**NEW, "metadata": dict(NEW["metadata"])}])
            self.parts[len(self._value) - 1].box.sides["x"].line.setFocus()

    def remove(self, index: int) -> None:
        """Take a box away."""
        self._take(self._value[:index] + self._value[index + 1 :])
        self.add.setFocus()

    def _add_part(self) -> None:
        index = len(self.parts)
        part = BoxPart(self.field, index + 1, self.context, self)
        part.changed.connect(lambda: self._changed(index))
        part.dropped.connect(lambda: self.remove(index))
        part.problem_changed.connect(self._say)
        self._column.addWidget(part)
        self.parts.append(part)

    def _changed(self, index: int) -> None:
        self._value[index] = self.parts[index].value
        self.value_changed.emit(self.value)

    def _take(self, boxes: list[dict[str, Any]]) -> None:
        self.set_value(boxes)
        self.value_changed.emit(self.value)

    def _say(self) -> None:
        shown = self.parts[: len(self._value)]
        self._set_problem(next((part.box.problem for part in shown if part.box.problem), ""))


def are_boxes(value: Any) -> bool:
    """A list of boxes with all their sides as numbers."""
    if not isinstance(value, list) or len(value) > MOST:
        return False
    return all(
        isinstance(box, dict)
        and all(isinstance(box.get(side), int | float) and not isinstance(box.get(side), bool) for side in SIDES)
        for box in value
    )
