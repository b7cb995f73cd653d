"""The box that finds a field of a long form."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.queue.words import counted
from comfydesk.gui.widgets.labels import label

WAIT_MS = 60  # after a letter: who writes on is not held up


class FindBar(QWidget):
    """`find_requested(text)`; "" shows all again. `jump_requested(text)`: Enter."""

    find_requested = Signal(str)
    jump_requested = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 4)
        row.setSpacing(8)
        self.line = FindLine()
        self.line.setProperty("kind", "search")
        self.line.setPlaceholderText(self.tr("Find a field"))
        self.line.setAccessibleName(self.tr("Find a field"))
        self.line.setClearButtonEnabled(True)
        glass = context.icons.icon("search", "muted")
        self.line.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self.count = label("", "small")
        self.count.hide()
        row.addWidget(self.line, 1)
        row.addWidget(self.count)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._find)
        self._before: QWidget | None = None
        self._found = ""
        self.line.textChanged.connect(lambda _text: self._timer.start())
        self.line.left.connect(self.leave)
        self.line.entered.connect(self._entered)

    def begin(self) -> None:
        """Take the keyboard; Esc gives it back."""
        now = QApplication.focusWidget()
        if now is not self.line:
            self._before = now
        self.line.setFocus()
        self.line.selectAll()

    def leave(self) -> None:
        """Show all fields again, and give the keyboard back to where it was."""
        self.clear()
        before, self._before = self._before, None
        if before is not None and _is_there(before):
            before.setFocus()

    def clear(self) -> None:
        self.line.clear()
        self._find()

    def forget(self) -> None:
        """The form is another: nobody looks for a field in it yet."""
        self._before = None
        self.line.clear()
        self._timer.stop()
        self._found = ""
        self.say(None)

    def say(self, found: int | None) -> None:
        """How many fields were found; None: nobody looks for one."""
        self.count.setVisible(found is not None)
        if found is not None:
            nothing = self.tr("no such field")
            self.count.setText(counted(found, self.tr("field"), self.tr("fields")) if found else nothing)

    def _find(self) -> None:
        self._timer.stop()
        text = self.line.text().strip()
        if text != self._found:
            self._found = text
            self.find_requested.emit(text)

    def _entered(self) -> None:
        self._find()
        if self._found:
            self.jump_requested.emit(self._found)


class FindLine(QLineEdit):
    """`left`: Esc. `entered`: Enter."""

    left = Signal()
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


def _is_there(widget: QWidget) -> bool:
    try:
        return widget.isVisible()
    except RuntimeError:  # it went away with its form
        return False
