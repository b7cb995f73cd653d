"""What the library shows in place of its list: that it loads, that nothing is found, and how to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.library.sections import Filter, Which
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.icon_label import IconLabel
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton
from comfydesk.gui.widgets.spinner import Spinner

SLOW_MS = 1500


class LibraryStates(QWidget):
    """The list, or what stands for it. `add_requested`: choose files; `all_requested`: no search, no filter."""

    add_requested = Signal()
    all_requested = Signal()

    def __init__(self, context: Context, view: QWidget) -> None:
        super().__init__()
        self._context = context
        self._view = view
        self._is_folded = self._invites = False
        self.pages = QStackedWidget()
        self.loading = self._loading()
        self.nothing = Placeholder(context.icons, "search", "")
        self.nothing.add_button(self.tr("Show all"), self.all_requested.emit)
        self.empty = Placeholder(
            context.icons,
            "import",
            self.tr("No workflows yet"),
            self.tr("Drop a workflow here, or a picture or video that carries one."),
        )
        self.empty.add_button(self.tr("Choose files"), self.add_requested.emit, "primary")
        for page in (self.loading, view, self.nothing, self.empty):
            self.pages.addWidget(page)
        self.invitation = self._invitation()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.invitation)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._say_slow)
        self.show_loading()

    def _loading(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self._busy = QWidget()
        row = QHBoxLayout(self._busy)
        row.setContentsMargins(16, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(Spinner(self._context.theme, 14))
        row.addWidget(label(self.tr("Reading your workflows…"), "small"), 1)
        self._busy.hide()
        column.addWidget(self._busy)
        column.addWidget(Skeleton(self._context.theme, "rows"), 1)
        return page

    def _invitation(self) -> QWidget:
        """Under a list that holds only what came with ComfyDesk."""
        frame = QFrame()
        frame.setProperty("kind", "invitation")
        column = QVBoxLayout(frame)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(IconLabel(self._context.icons, "import", 18, "muted"), 0, Qt.AlignmentFlag.AlignTop)
        text = label(
            self.tr("Drop your own workflows here, or a picture or video that carries one."), "small", wrap=True
        )
        row.addWidget(text, 1)
        column.addLayout(row)
        choose = button(self.tr("Choose files"), "link", clicked=self.add_requested.emit)
        line = QHBoxLayout()
        line.setContentsMargins(28, 0, 0, 0)
        line.addWidget(choose)
        line.addStretch(1)
        column.addLayout(line)
        holder = QWidget()
        outer = QVBoxLayout(holder)
        outer.setContentsMargins(12, 4, 12, 12)
        outer.addWidget(frame)
        holder.hide()
        return holder

    def show_loading(self) -> None:
        """The library is being read."""
        self._busy.hide()
        self._slow.start()
        self._invites = False
        self._show(self.loading)

    def show_for(self, rows: int, query: str, shown: Filter, *, has_own: bool) -> None:
        """The list, or why it is empty."""
        self._slow.stop()
        self._invites = not has_own and not query and shown.which is Which.ALL
        if rows:
            self._show(self._view)
        elif query:
            self.nothing.say(self.tr("Nothing found"), self.tr("Fewer or other words may find more."))
            self._show(self.nothing)
        elif shown.which is Which.ALL:
            self._invites = False
            self._show(self.empty)
        else:
            self.nothing.say(*self._why_none(shown))
            self._show(self.nothing)

    def _why_none(self, shown: Filter) -> tuple[str, str]:
        if shown.which is Which.FAVOURITES:
            return self.tr("No favourites yet"), self.tr("Press the star of a workflow to keep it here.")
        if shown.which is Which.RECENT:
            return self.tr("Nothing opened yet"), self.tr(
                "Workflows that you open are listed here, the last one first."
            )
        if shown.which is Which.TAG:
            return self.tr("No workflow has this tag"), self.tr("Give it to one: right-click, Tags…")
        return self.tr("This folder is empty"), self.tr("Drag workflows onto it, or drop files here.")

    def set_folded(self, folded: bool) -> None:
        """In a narrow column nothing is said."""
        self._is_folded = folded
        for page in (self.nothing, self.empty):
            page.set_quiet(folded)
        self._show(self.pages.currentWidget())

    def _show(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self.invitation.setVisible(self._invites and not self._is_folded)

    def _say_slow(self) -> None:
        self._busy.setVisible(self.pages.currentWidget() is self.loading and not self._is_folded)
