"""The editors for values that have no editor of their own, and for inputs that come from another node."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor, outline
from comfydesk.gui.form.text_editors import GrowingBox
from comfydesk.gui.widgets.labels import ElidedLabel

# More is no value that a person types; showing it would only stall the form.
MAX_JSON_CHARS = 50_000


class JsonEditor(Editor):
    """Any JSON value, as text. What is not JSON yet is said below and is not taken."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        self.box = GrowingBox(1)
        self.box.setProperty("mono", True)
        self.box.setAccessibleName(field.label)
        column.addWidget(self.box)
        self._value: Any = None
        self._shown = ""
        self.box.textChanged.connect(self._changed)
        self.setFocusProxy(self.box)
        self.set_value(field.value)

    @property
    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        text, too_long = written(value)
        self.box.setReadOnly(too_long)
        with QSignalBlocker(self.box):
            self.box.setPlainText(text + "…" if too_long else text)
        self._shown = self.box.toPlainText()
        self.box.fit()
        self._set_problem("")

    def show_severity(self, severity: str) -> None:
        outline(self.box, severity)

    def _changed(self) -> None:
        text = self.box.toPlainText()
        if text == self._shown:
            return
        self._shown = text
        try:
            value = json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            self._set_problem(self.tr("This is not JSON yet; text needs “quotes”."))
            return
        self._set_problem("")
        if value != self._value or type(value) is not type(self._value):
            self._value = value
            self.value_changed.emit(value)


class LinkEditor(Editor):
    """An input that another node fills: shown so that the form is complete, not editable."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        self.label = ElidedLabel(
            self.tr("{input}: from {title}").format(input=field.label, title=field.link or "?"), "small"
        )
        column.addWidget(self.label)
        self._value = field.value

    @property
    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value


def written(value: Any) -> tuple[str, bool]:
    """A value as JSON, no further than can be shown, and whether that is not all of it."""
    parts: list[str] = []
    room = MAX_JSON_CHARS
    for part in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        parts.append(part)
        room -= len(part)
        if room < 0:
            return "".join(parts)[:MAX_JSON_CHARS], True
    return "".join(parts), False


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's
