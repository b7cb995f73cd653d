"""The head of the library: its name and buttons, the search line, and what the list is narrowed to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.library.sections import Filter, Which
from comfydesk.gui.style.icons import render
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.labels import label, set_plain_tooltip
from comfydesk.gui.widgets.plain_line import PlainLine

TYPING_MS = 40
FILTER_ICONS = {
    Which.ALL: "workflow",
    Which.FAVOURITES: "star",
    Which.RECENT: "clock",
    Which.FOLDER: "folder",
    Which.TAG: "tag",
}


class FilterButton(QToolButton):
    """Says what the list shows; a press opens the choices."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._text = ""
        self.setProperty("kind", "filter")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_filter(self, shown: Filter, word: str) -> None:
        self._text = word
        is_all = shown.which is Which.ALL
        self.setIcon(self._context.icons.icon(FILTER_ICONS[shown.which], "muted" if is_all else "accent"))
        self.setProperty("narrowed", not is_all)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(self.tr("Shown: {what}").format(what=word))
        set_plain_tooltip(self, self.tr("What the list shows"))
        self._elide()

    def _elide(self) -> None:
        room = max(20, self.width() - 56)
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, room)
        self.setText(f" {text}".replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        colour = self._context.theme.color("muted")
        icon = render("chevron-down", colour, QSize(12, 12), self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 20, self.height() // 2 - 6, icon)
        painter.end()


class LibraryHead(QWidget):
    """`query_changed(text)` a moment after the last key, `open_first_requested`, `list_wanted`: Down was pressed.

    `add_requested`, `filter_requested`, `sort_requested`: their buttons were pressed; `fold_requested(bool)`.
    """

    query_changed = Signal(str)
    open_first_requested = Signal()
    list_wanted = Signal()
    add_requested = Signal()
    filter_requested = Signal()
    sort_requested = Signal()
    fold_requested = Signal(bool)

    def __init__(self, context: Context) -> None:
        super().__init__()
        icons = context.icons
        self._asked = ""
        self.title = label(self.tr("Workflows"), "heading")
        self.fold = icon_button(icons.icon("panel-left", "muted"), self.tr("Fold the library"), clicked=self._fold)
        self.plus = icon_button(icons.icon("plus", "muted"), self.tr("Add workflows"), clicked=self.add_requested.emit)
        self.search = PlainLine()
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(self.tr("Name, tag, node or model"))
        self.search.setAccessibleName(self.tr("Search workflows"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icons.icon("search", "muted"), PlainLine.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._enter)
        self.search.installEventFilter(self)
        self.filter = FilterButton(context)
        self.filter.clicked.connect(lambda: self.filter_requested.emit())
        self.sort = icon_button(icons.icon("sort", "muted"), self.tr("Order"), clicked=self.sort_requested.emit)
        self._lay_out()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self.ask)
        self.is_folded = False

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 0)
        column.setSpacing(8)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(4, 0, 0, 0)
        self._row.setSpacing(2)
        self._row.addWidget(self.title, 1)
        self._row.addWidget(self.plus)
        self._row.addWidget(self.fold)
        column.addLayout(self._row)
        column.addWidget(self.search)
        self._filters = QWidget()
        filters = QHBoxLayout(self._filters)
        filters.setContentsMargins(0, 0, 0, 0)
        filters.setSpacing(4)
        filters.addWidget(self.filter, 1)
        filters.addWidget(self.sort)
        column.addWidget(self._filters)

    @property
    def query(self) -> str:
        return self.search.text().strip()

    def set_folded(self, folded: bool) -> None:
        """Only the button that unfolds, or all."""
        self.is_folded = folded
        for part in (self.title, self.search, self._filters, self.plus):
            part.setVisible(not folded)
        self._row.setContentsMargins(0 if folded else 4, 0, 0, 0)
        words = self.tr("Show the library") if folded else self.tr("Fold the library")
        self.fold.setAccessibleName(words)
        set_plain_tooltip(self.fold, words)

    def ask(self) -> None:
        """Search now."""
        self._typing.stop()
        if self.query != self._asked:
            self._asked = self.query
            self.query_changed.emit(self.query)

    def _enter(self) -> None:
        self.ask()
        self.open_first_requested.emit()

    def _fold(self) -> None:
        self.fold_requested.emit(not self.is_folded)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes to the list; Escape takes the search back, where the page would hear it otherwise."""
        if watched is not self.search or not isinstance(event, QKeyEvent):
            return False
        is_escape = event.key() == Qt.Key.Key_Escape and bool(self.search.text())
        if event.type() == QEvent.Type.ShortcutOverride and is_escape:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if is_escape:
            self.search.clear()
            self.ask()
        elif event.key() == Qt.Key.Key_Down:
            self.ask()
            self.list_wanted.emit()
        else:
            return False
        return True
