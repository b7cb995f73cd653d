"""The editors for text: one line, and a box that grows with its lines."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Role
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor, outline
from comfydesk.gui.style.tokens import CONTROL_HEIGHT
from comfydesk.gui.widgets.plain_line import PlainLine, holds_files

MAX_LINES = 12
MAX_TEXT = 100_000  # letters; a longer text is shown in part and kept as it is: Qt would lay it out for seconds
FRAME = 18  # border, the sheet's padding and the document's margin, above and below


class TextEditor(Editor):
    """One line of text."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        self.line = PlainLine()
        self.line.setFixedHeight(CONTROL_HEIGHT)
        self.line.setPlaceholderText(field.placeholder)
        self.line.setAccessibleName(field.label)
        column.addWidget(self.line)
        self.line.textEdited.connect(self.value_changed.emit)
        self.setFocusProxy(self.line)
        self.set_value(field.value)

    @property
    def value(self) -> str:
        return self.line.text()

    def set_value(self, value: object) -> None:
        text = "" if value is None else str(value)
        if text != self.line.text():
            self.line.setText(text)
            self.line.setCursorPosition(0)

    def show_severity(self, severity: str) -> None:
        outline(self.line, severity)


class GrowingBox(QPlainTextEdit):
    """A text box as high as its lines, between `least` and twelve. Tab leaves it; pasted text loses its formats."""

    resized = Signal()

    def __init__(self, least: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.least = least
        self.collapses = False  # one row while it has no focus
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        self.fit()

    def lines(self) -> int:
        """Visual lines that the text takes at this width."""
        return max(1, round(self.document().size().height()))

    def fit(self) -> None:
        shown = 1 if self.collapses and not self.hasFocus() else min(max(self.lines(), self.least), MAX_LINES)
        line = QFontMetrics(self.font()).lineSpacing()
        height = max(CONTROL_HEIGHT, shown * line + FRAME)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)
            self.resized.emit()
        fits = self.lines() <= shown
        folded = self.collapses and not self.hasFocus()
        never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(never if fits or folded else needed)
        if fits:
            self.verticalScrollBar().setValue(0)

    def sizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self.fit)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            QTimer.singleShot(0, self, self.fit)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The form scrolls, unless a person works in this box and it has more lines than it shows.
        if self.hasFocus() and self.verticalScrollBar().maximum() > 0:
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Ctrl+Enter queues (the window's shortcut): it must never put a line into the prompt.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
        ):
            event.ignore()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        # A file that is dropped here is meant for the window, not as a path in the prompt.
        return not holds_files(source) and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.insertPlainText(source.text())


class MultilineEditor(Editor):
    """A prompt, or any text of several lines."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        self.box = self._make_box(3 if field.role is Role.PROMPT else 1)
        self.box.setPlaceholderText(field.placeholder or self._hint(field))
        self.box.setAccessibleName(field.label)
        column.addWidget(self.box)
        self.box.textChanged.connect(self._changed)
        self._value = self._shown = ""
        self.setFocusProxy(self.box)
        self.set_value(field.value)

    @property
    def value(self) -> str:
        return self._value

    def set_value(self, value: object) -> None:
        # Qt's document changes some characters (line ends, hard spaces): the value stays as it is until someone types.
        text = "" if value is None else str(value)
        if text != self._value:
            self._value = text
            too_long = len(text) > MAX_TEXT
            self.box.setReadOnly(too_long)
            with QSignalBlocker(self.box):
                self.box.setPlainText(text[:MAX_TEXT] + "…" if too_long else text)
            self._shown = self.box.toPlainText()
            self.box.fit()

    def _make_box(self, least: int) -> GrowingBox:
        return GrowingBox(least)

    def collapse(self) -> None:
        """One row until it has the focus: a form may hold sixteen of these."""
        self.box.collapses = True
        self.box.least = 1
        self.box.fit()

    def show_severity(self, severity: str) -> None:
        outline(self.box, severity)

    def _hint(self, field: Field) -> str:
        return {
            Role.PROMPT: self.tr("What shall be in the picture?"),
            Role.NEGATIVE: self.tr("What shall not be in it?"),
        }.get(field.role, "")

    def _changed(self) -> None:
        text = self.box.toPlainText()
        if text != self._shown:
            self._value = self._shown = text
            self.value_changed.emit(text)
