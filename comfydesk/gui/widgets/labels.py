"""Labels that show text as it is: nothing that a server or a file says is ever read as markup."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def label(text: str = "", kind: str = "", *, wrap: bool = False, tone: str = "") -> QLabel:
    """A plain-text label of one of the sheet's kinds."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setWordWrap(wrap)
    if kind:
        made.setProperty("kind", kind)
    if tone:
        made.setProperty("tone", tone)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


_LONG_WORD = re.compile(r"\S{40}(?=\S)")


def breakable(text: str) -> str:
    """Text with places where a line may break inside words that no line has room for: names from files and servers."""
    return _LONG_WORD.sub(lambda word: word[0] + "\u200b", text)


def counted(count: int, one: str, many: str) -> str:
    """`one` or `many` (both translated) with the number in place of {n}; English needs no .qm file for that."""
    return (one if count == 1 else many).format(n=f"{count:,}")


def restyle(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties and let the sheet see them."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


LONGEST_LINE = 2_000  # letters; Qt measures all of a line to shorten it, and a stranger's file may hold megabytes


def beginning(text: str) -> str:
    """As much of a text as one line or a tooltip can show."""
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + "…"


def set_plain_tooltip(widget: QWidget, text: str) -> None:
    """A tooltip that shows `text` as it is: Qt would guess markup in it otherwise."""
    widget.setToolTip(plain_tooltip(text))


def plain_tooltip(text: str) -> str:
    """What to give to Qt so that a tooltip shows `text` as it is."""
    text = beginning(text)
    return f"<span>{html.escape(text)}</span>".replace("\n", "<br>") if text else ""


class ElidedLabel(QLabel):
    """One line of plain text that is shortened to the room there is; the whole text is its tooltip then.

    A QLabel for the sheet's rules only: what it says is drawn here.
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = text
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        if kind:
            self.setProperty("kind", kind)
        self._align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._line = beginning(text)
        self.setAccessibleName(self._line)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text, self._line = text, beginning(text)
            self.setAccessibleName(self._line)
            self._tell_all()
            self.updateGeometry()
            self.update()

    def set_kind(self, kind: str) -> None:
        restyle(self, kind=kind)

    def set_alignment(self, align: Qt.AlignmentFlag) -> None:
        self._align = align
        self.update()

    def is_elided(self) -> bool:
        return self.fontMetrics().horizontalAdvance(self._line) > self.width()

    def _tell_all(self) -> None:
        set_plain_tooltip(self, self._text if self.is_elided() else "")

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._line) + 1, max(18, metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_all()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)  # with the font and the pen of the sheet's rule
        shown = self.fontMetrics().elidedText(self._line, self._mode, self.width())
        painter.drawText(self.rect(), int(self._align), shown)
