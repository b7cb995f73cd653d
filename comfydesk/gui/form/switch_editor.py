"""The editor for BOOLEAN: a switch that says in words what it stands at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.style.tokens import CONTROL_HEIGHT
from comfydesk.gui.widgets.labels import ElidedLabel


class Switch(QAbstractButton):
    """A two-way switch, drawn from the theme."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(self.sizeHint())
        context.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(38, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._context.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(2.5, 2.5, 33, 17)
        on = self.isChecked()
        painter.setPen(QPen(QColor(tokens.accent if on or self.hasFocus() else tokens.control), 1))
        painter.setBrush(QColor(tokens.accent if on else tokens.field))
        painter.drawRoundedRect(track, 8.5, 8.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.on_accent if on else tokens.control))
        painter.drawEllipse(QPointF(27 if on else 11, 11), 5.5, 5.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.drawRoundedRect(QRectF(0.5, 0.5, 37, 21), 10.5, 10.5)


class SwitchEditor(Editor):
    """True or false, with the node's own words for both."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self.setFixedHeight(CONTROL_HEIGHT + 2 * RING)
        row = QHBoxLayout(self)
        row.setContentsMargins(RING, 0, RING, 0)
        row.setSpacing(8)
        self.switch = Switch(context)
        self.switch.setAccessibleName(field.label)
        self.word = ElidedLabel("")
        row.addWidget(self.switch)
        row.addWidget(self.word, 1)
        self.switch.toggled.connect(self._say)
        self.switch.clicked.connect(lambda checked: self.value_changed.emit(bool(checked)))
        self.setFocusProxy(self.switch)
        self.set_value(field.value)
        self._say(self.switch.isChecked())

    @property
    def value(self) -> bool:
        return self.switch.isChecked()

    def set_value(self, value: object) -> None:
        self.switch.setChecked(value if isinstance(value, bool) else str(value).lower() in ("true", "1"))

    def show_severity(self, severity: str) -> None:
        self.word.set_kind(severity)

    def _say(self, on: bool) -> None:
        field = self.field
        self.word.set_text((field.label_on or self.tr("On")) if on else (field.label_off or self.tr("Off")))
