"""Text boxes and tables of the details: strangers' words of any length, shown as they are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPlainTextEdit, QSizePolicy, QWidget

from comfydesk.gui.widgets.buttons import menu
from comfydesk.gui.widgets.labels import label, set_plain_tooltip

NAMES_WIDTH = 104
_LONGEST = 240  # characters of a value in the table
_BREAKS = str.maketrans({mark: f"{mark}\u200b" for mark in "/\\_-.,:;@"})


class TextBox(QPlainTextEdit):
    """A text to be read and copied, as high as it needs up to `lines` lines."""

    def __init__(self, name: str, lines: int) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lines = lines
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._fit)

    def show_text(self, text: str) -> None:
        if text != self.toPlainText():
            self.setPlainText(text)
        self.setVisible(bool(text))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._later.start()

    def _fit(self) -> None:
        lines = min(max(1, round(self.document().size().height())), self._lines)  # a plain document counts lines
        margins = self.contentsMargins()
        frame = margins.top() + margins.bottom() + round(2 * self.document().documentMargin()) + 2
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + frame + 2)


class FactsTable(QWidget):
    """Names on the left, values on the right; a value can be copied by its context menu."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnMinimumWidth(0, NAMES_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._shown: list[tuple[str, str]] = []

    def rows(self) -> list[tuple[str, str]]:
        """What is shown, in full."""
        return list(self._shown)

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        if list(rows) == self._shown:
            return
        self._shown = list(rows)
        while (old := self._grid.takeAt(0)) is not None:
            widget = old.widget()
            widget.hide()
            widget.deleteLater()
        for number, (name, value) in enumerate(rows):
            said = label(_breakable(name), "muted", wrap=True)
            said.setFixedWidth(NAMES_WIDTH)
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(said, number, 0, top)
            self._grid.addWidget(_Value(value, self.tr("Copy")), number, 1, top)


class _Value(QLabel):
    def __init__(self, value: str, copy: str) -> None:
        super().__init__()
        self._value, self._copy = value, copy
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setText(_breakable(value if len(value) <= _LONGEST else value[: _LONGEST - 1].rstrip() + "…"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(value)
        if len(value) > _LONGEST:
            set_plain_tooltip(self, value[:4000])

    def minimumSizeHint(self) -> QSize:
        return QSize(20, super().minimumSizeHint().height())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        made = menu(self)
        made.addAction(self._copy, lambda: QGuiApplication.clipboard().setText(self._value))
        made.aboutToHide.connect(made.deleteLater)
        made.popup(event.globalPos())


def _breakable(text: str) -> str:
    """File names have no spaces: let them break after their marks."""
    return text.translate(_BREAKS)
