"""The colours of a prompt while it is written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QSyntaxHighlighter, QTextBlock, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit

from comfydesk.form.prompt_text.spans import Span, SpanKind, spans
from comfydesk.gui.form.prompt.units import Units
from comfydesk.gui.style.theme import Theme

TOKENS = {
    SpanKind.WEIGHT: "syntax_weight",
    SpanKind.CHOICE: "syntax_wildcard",
    SpanKind.WILDCARD: "syntax_wildcard",
    SpanKind.EMBEDDING: "syntax_embedding",
    SpanKind.LORA: "syntax_embedding",
    SpanKind.COMMENT: "syntax_comment",
    SpanKind.UNBALANCED: "error",
}
SHORT = 2_000  # letters that are read anew at every key; of longer texts only what is in view
AROUND = 500  # letters around what is in view
REST_MS = 200  # after the last key a longer text is read as a whole


class PromptHighlighter(QSyntaxHighlighter):
    """Paints the lines in which something is another than before. Qt lays a line out anew at every key, the slower the
    more colours it has: so a long text has some in view only. `read_through`: it is known what is `unbalanced` now."""

    read_through = Signal()

    def __init__(self, box: QPlainTextEdit, theme: Theme, page: bool) -> None:
        super().__init__(box)
        self._theme = theme
        self._page = page
        self._is_read = False
        self._spans: list[Span] = []
        self._ends: list[int] = []
        self._view = (0, SHORT)
        self._mending = False
        self.unbalanced = 0  # brackets that lack their other half
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._read_through)
        self._set_colours()
        document = box.document()
        document.contentsChange.connect(self._forget)  # before Qt asks for the colours of a changed line
        self.setDocument(document)
        document.contentsChange.connect(self._mend)
        theme.changed.connect(self._recolour)

    def look_at(self, begin: int, end: int) -> None:
        """What of the text is in view, in Qt's units."""
        if self._view[0] <= begin and end <= self._view[1]:
            return
        before = list(self._blocks())
        self._view = max(0, begin - AROUND), end + AROUND
        if self.document().characterCount() > SHORT:
            self._read_through()
            for block in before:
                self._paint(block)

    def highlightBlock(self, text: str) -> None:
        self._read()
        begin = self.currentBlock().position()
        for start, end, kind in self._inside(begin, begin + len(text) + 1):
            self.setFormat(start - begin, end - start, self._formats[kind])
        self.setCurrentBlockState(self._mark(self.currentBlock()))

    def _forget(self) -> None:
        self._is_read = False

    def _read(self) -> None:
        """Find the spans, unless that was done for this state of the text."""
        if self._is_read:
            return
        self._is_read = True
        text = self.document().toPlainText()
        if len(text) <= SHORT:
            self._take(spans(text, self._page), Units(text))
            self.unbalanced = sum(span.kind is SpanKind.UNBALANCED for span in self._spans)
            self._rest.start(0)
            return
        units = Units(text)
        begin, end = map(units.to_python, self._view)
        # Brackets may be opened before and closed behind this piece.
        whole = {"(": SpanKind.WEIGHT, ")": SpanKind.WEIGHT}
        piece = text[begin:end]
        found = [
            Span(a + begin, b + begin, whole.get(piece[a], SpanKind.CHOICE) if k is SpanKind.UNBALANCED else k)
            for a, b, k in spans(piece, self._page)
        ]
        self._take(found, units)
        self._rest.start(REST_MS)

    def _read_through(self) -> None:
        """Read all of a long text, now that nobody types."""
        text = self.document().toPlainText()
        if len(text) > SHORT:
            self._take(spans(text, self._page), Units(text))
            self.unbalanced = sum(span.kind is SpanKind.UNBALANCED for span in self._spans)
            self._is_read = True
            self._mend()
        self.read_through.emit()

    def _take(self, found: list[Span], units: Units) -> None:
        if units.has_wide:
            found = [Span(units.to_qt(start), units.to_qt(end), kind) for start, end, kind in found]
        self._spans = found
        self._ends = [span.end for span in found]

    def _inside(self, begin: int, end: int) -> Iterator[tuple[int, int, SpanKind]]:
        """The coloured parts of a line, in Qt's units."""
        if self.document().characterCount() > SHORT:
            begin, end = max(begin, self._view[0]), min(end, self._view[1])
        at = bisect_right(self._ends, begin)
        while at < len(self._spans) and self._spans[at].start < end:
            span = self._spans[at]
            yield max(begin, span.start), min(end, span.end), span.kind
            at += 1

    def _mark(self, block: QTextBlock) -> int:
        """A number that stands for the colours of one line."""
        begin = block.position()
        parts = tuple(
            (start - begin, end - begin, kind) for start, end, kind in self._inside(begin, begin + block.length())
        )
        return hash(parts) & 0x3FFFFFFF

    def _blocks(self) -> Iterator[QTextBlock]:
        """The lines in view; of a short text all."""
        is_long = self.document().characterCount() > SHORT
        block = self.document().findBlock(self._view[0]) if is_long else self.document().begin()
        while block.isValid() and (not is_long or block.position() < self._view[1]):
            yield block
            block = block.next()

    def _mend(self) -> None:
        """Lines that Qt did not look at: a bracket in one may close what another has opened."""
        if not self._mending:
            self._mending = True
            self._read()
            for block in list(self._blocks()):
                self._paint(block)
            self._mending = False

    def _paint(self, block: QTextBlock) -> None:
        if block.isValid() and block.userState() != self._mark(block):
            self.rehighlightBlock(block)

    def _set_colours(self) -> None:
        self._formats: dict[SpanKind, QTextCharFormat] = {}
        for kind, token in TOKENS.items():
            made = QTextCharFormat()
            made.setForeground(self._theme.color(token))
            if kind is SpanKind.UNBALANCED:
                made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
                made.setUnderlineColor(self._theme.color(token))
            self._formats[kind] = made

    def _recolour(self) -> None:
        self._set_colours()
        self.rehighlight()
