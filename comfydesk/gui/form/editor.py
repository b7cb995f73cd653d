"""What all editors share: one contract, so that the form never asks what kind of field it holds."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from comfydesk.form.fields import Field, Issue
from comfydesk.gui.context import Context
from comfydesk.gui.style.tokens import CONTROL_HEIGHT, RADIUS

RING = 3  # room around every editor for its focus ring


class Editor(QWidget):
    """Edits one value.

    `value` is the value as the prompt will have it; `set_value` shows one without announcing it; `value_changed`
    announces what a person did; `problem` says why the text typed so far is no value ("" when it is one);
    `set_issue` outlines the editor. Editors whose text is no value keep the last good one as `value`.
    """

    value_changed = Signal(object)
    problem_changed = Signal()

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.context = context
        self.problem = ""
        self._severity = ""

    @property
    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError

    def set_issue(self, issue: Issue | None) -> None:
        """Outline the editor in amber or red, or no longer."""
        severity = "" if issue is None else issue.severity
        if severity != self._severity:
            self._severity = severity
            self.show_severity(severity)

    def show_severity(self, severity: str) -> None:
        """Draw the outline; editors made of one styled widget override it."""
        for frame in self.findChildren(FieldFrame):
            frame.set_severity(severity)

    def focus_widget(self) -> QWidget:
        """The widget that takes the keyboard when the form jumps to this field."""
        return self.focusProxy() or self

    def jump(self) -> None:
        """Take the keyboard and select what is there."""
        target = self.focus_widget()
        target.setFocus(Qt.FocusReason.OtherFocusReason)
        select = getattr(target, "selectAll", None)
        if select is not None:
            select()

    def _set_problem(self, sentence: str) -> None:
        if sentence != self.problem:
            self.problem = sentence
            self.show_severity("error" if sentence else self._severity)
            self.problem_changed.emit()


class FieldFrame(QFrame):
    """The box around a compound control: it shows the focus of any widget inside it, and an outline for issues."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._severity = ""
        self._hover = False
        self.setFixedHeight(CONTROL_HEIGHT + 2 * RING)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(RING + 11, RING + 1, RING + 9, RING + 1)
        self.row.setSpacing(8)
        context.theme.changed.connect(self.update)

    def hold(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget into the box and follow its focus."""
        self.row.addWidget(widget, stretch)
        widget.installEventFilter(self)

    def set_severity(self, severity: str) -> None:
        self._severity = severity
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def enterEvent(self, event: QEvent) -> None:
        self._hover = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._context.theme.tokens
        focus = self.focusWidget()
        focused = focus is not None and focus.hasFocus()
        colour = {"error": tokens.error, "warning": tokens.warning}.get(self._severity, "")
        if not colour:
            colour = tokens.accent if focused else (tokens.muted if self._hover else tokens.control)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(RING + 0.5, RING + 0.5, -RING - 0.5, -RING - 0.5)
        if focused:
            ring = QColor(tokens.ring)
            ring.setAlphaF(0.55)
            painter.setPen(QPen(ring, RING - 0.5))
            painter.drawRoundedRect(box.adjusted(-1.75, -1.75, 1.75, 1.75), RADIUS + 1.75, RADIUS + 1.75)
        painter.setBrush(QColor(tokens.field if self.isEnabled() else tokens.panel))
        painter.setPen(QPen(QColor(colour if self.isEnabled() else tokens.line), 1))
        painter.drawRoundedRect(box, RADIUS, RADIUS)


def outline(widget: QWidget, severity: str) -> None:
    """Outline a widget that the style sheet draws ("warning", "error" or "")."""
    if (widget.property("tone") or "") != severity:
        widget.setProperty("tone", severity)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
