"""What a person says of one field: its name, its range, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from comfydesk.form import rearrange
from comfydesk.form.fields import Field, Form, Kind
from comfydesk.form.profile import MAX_HELP, MAX_LABEL, Profile, Range
from comfydesk.gui.form.editor import outline
from comfydesk.gui.form.numbers import Scale
from comfydesk.gui.widgets.labels import label


class Part(StrEnum):
    """A line of the details, for who wants to begin there."""

    NAME = "name"
    RANGE = "range"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Said:
    """What the lines say; `problem` names why it cannot be taken, "" if it can."""

    name: str
    chosen: Range
    help: str
    problem: str = ""


class HelpBox(QPlainTextEdit):
    """`left`: the keyboard went elsewhere."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class FieldDetails(QWidget):
    """Shows and edits one field's part of a profile. `edited`: a line was left with another text in it."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field: Field | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.name = QLineEdit()
        self.name.setMaxLength(MAX_LABEL)
        self._add(column, self.tr("Name"), self.name)
        self._ranges = QWidget()
        inner = QVBoxLayout(self._ranges)
        inner.setContentsMargins(0, 8, 0, 0)
        inner.setSpacing(4)
        inner.addWidget(label(self.tr("Range"), "field"))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.low, self.high, self.step = QLineEdit(), QLineEdit(), QLineEdit()
        named = ((self.low, self.tr("from")), (self.high, self.tr("to")), (self.step, self.tr("in steps of")))
        for line, words in named:
            line.setPlaceholderText(words)
            line.setAccessibleName(self.tr("Range: {part}").format(part=words))
            row.addWidget(line)
        inner.addLayout(row)
        column.addWidget(self._ranges)
        self.problem = label("", "small", wrap=True, tone="error")
        column.addWidget(self.problem)
        self.help = HelpBox()
        self.help.left.connect(self._finished)
        self.help.setTabChangesFocus(True)
        self.help.setFixedHeight(84)
        self.help.setPlaceholderText(self.tr("What it is for, in your words; told when the pointer rests on it"))
        column.addSpacing(8)
        self._add(column, self.tr("Help"), self.help)
        for line in (self.name, self.low, self.high, self.step):
            line.editingFinished.connect(self._finished)
            line.textEdited.connect(lambda _text: self._say())
        self._shown = Said("", Range(), "")

    def show_field(self, field: Field | None, profile: Profile) -> None:
        """Fill the lines; None empties and greys them."""
        self.field = field
        key = field.key if field is not None else ""
        said = Said(profile.labels.get(key, ""), profile.ranges.get(key, Range()), profile.help.get(key, ""))
        self._shown = said
        self.setEnabled(field is not None)
        self.name.setText(said.name)
        self.name.setPlaceholderText(field.label if field is not None and not said.name else "")
        for line, value in zip((self.low, self.high, self.step), said.chosen, strict=True):
            line.setText("" if value is None else f"{value:g}" if isinstance(value, float) else str(value))
        self._ranges.setVisible(field is not None and field.kind in (Kind.INT, Kind.FLOAT))
        if self.help.toPlainText() != said.help:
            self.help.setPlainText(said.help)
        self._say()

    def said(self) -> Said:
        """What stands in the lines now."""
        is_whole = self.field is not None and self.field.kind is Kind.INT
        scale = Scale(is_whole, None, None, None, None, 1, None)
        numbers: list[float | int | None] = []
        for line in (self.low, self.high, self.step):
            text = line.text().strip()
            value = scale.parse(text) if text else None
            if text and value is None:
                problem = self.tr("“{text}” is no number.").format(text=text)
                return Said(self.name.text(), Range(), self.help.toPlainText(), problem)
            numbers.append(value)
        low, high, step = numbers
        problem = ""
        if low is not None and high is not None and low >= high:
            problem = self.tr("The range ends before it begins.")
        elif step is not None and step <= 0:
            problem = self.tr("A step has to be more than 0.")
        return Said(self.name.text(), Range(low, high, step), self.help.toPlainText()[:MAX_HELP], problem)

    @property
    def is_changed(self) -> bool:
        """Do the lines say something else than the profile, and something that can be taken?"""
        said = self.said()
        return self.field is not None and not said.problem and said != self._shown

    def applied(self, profile: Profile, _form: Form) -> Profile:
        """The profile with what the lines say."""
        said = self.said()
        if self.field is None or said.problem:
            return profile
        return taken(profile, self.field.key, said)

    def begin(self, part: Part) -> None:
        """Put the keyboard into a line."""
        target = {Part.NAME: self.name, Part.RANGE: self.low, Part.HELP: self.help}[part]
        target.setFocus()
        target.selectAll()

    def _add(self, column: QVBoxLayout, words: str, widget: QWidget) -> None:
        column.addWidget(label(words, "field"))
        widget.setAccessibleName(words)
        column.addWidget(widget)

    def _finished(self) -> None:
        if self.is_changed:
            self.edited.emit()

    def _say(self) -> None:
        problem = self.said().problem
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        for line in (self.low, self.high, self.step):
            outline(line, "error" if problem else "")


def taken(profile: Profile, key: str, said: Said) -> Profile:
    """The profile with what a person said of a field."""
    profile = rearrange.limit(rearrange.relabel(profile, key, said.name), key, said.chosen)
    return rearrange.explain(profile, key, said.help)
