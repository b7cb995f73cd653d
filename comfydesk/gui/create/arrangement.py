"""Where the Create page's panels stand: arranged to the room there is, and as a person left them."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.create.stage import Stage
from comfydesk.gui.library.panel import FOLDED_WIDTH, LibraryPanel
from comfydesk.gui.queue.panel import HEADER_HEIGHT, QueuePanel

LIBRARY_WIDTH, FORM_WIDTH, QUEUE_HEIGHT = 248, 432, 176
# Of the window; the rail takes 73 px of it.
FOLD_LIBRARY_BELOW, STACK_BELOW, RAIL = 1200, 1000, 73
SAVE_SIZES_AFTER_MS = 400
QUEUE_FOLDED = "create-queue-folded"


class Arrangement(QObject):
    """`rows` holds all: above, `columns` with the library beside `work` (form and stage); below, the queue."""

    def __init__(
        self, context: Context, page: QWidget, library: LibraryPanel, form: QWidget, stage: Stage, queue: QueuePanel
    ) -> None:
        super().__init__(page)
        self._context, self._page = context, page
        self._library, self._form, self._stage, self._queue = library, form, stage, queue
        self._now = ""
        self.work = _splitter(Qt.Orientation.Horizontal, "work")
        self.columns = _splitter(Qt.Orientation.Horizontal, "columns")
        self.rows = _splitter(Qt.Orientation.Vertical, "rows")
        self._sizes_timer = QTimer(self)
        self._sizes_timer.setSingleShot(True)
        self._sizes_timer.setInterval(SAVE_SIZES_AFTER_MS)
        self._sizes_timer.timeout.connect(self._remember)
        for splitter in (self.work, self.columns, self.rows):
            splitter.splitterMoved.connect(self._sizes_timer.start)

    def fill(self) -> None:
        """Put the panels in, when `rows` has its place."""
        # From the outside in: a panel that moves with its splitter once more is styled once more.
        for splitter, panels, wide in (
            (self.rows, (self.columns, self._queue), 0),
            (self.columns, (self._library, self.work), 1),
            (self.work, (self._form, self._stage), 1),
        ):
            for place, panel in enumerate(panels):
                splitter.addWidget(panel)
                splitter.setStretchFactor(place, int(place == wide))
        self._form.setMinimumWidth(392)
        self._stage.setMinimumWidth(260)
        self._queue.setMinimumHeight(HEADER_HEIGHT)
        self._queue.folded.connect(self._on_folded)

    def arrange(self, width: int) -> None:
        """Arrange the panels for a window of this width."""
        wanted = "stacked" if width < STACK_BELOW else "folded" if width < FOLD_LIBRARY_BELOW else "wide"
        if wanted == self._now:
            return
        self._now = wanted
        folded, stacked = wanted != "wide", wanted == "stacked"
        self._library.set_folded(folded)
        self._library.setMinimumWidth(FOLDED_WIDTH if folded else 180)
        self._library.setMaximumWidth(FOLDED_WIDTH if folded else 420)
        self.work.setOrientation(Qt.Orientation.Vertical if stacked else Qt.Orientation.Horizontal)
        self._stage.set_compact(stacked)
        self._stage.setMinimumHeight(150 if stacked else 240)
        self._form.setMinimumHeight(190 if stacked else 0)
        self._restore(wanted)
        self._fold_queue(stacked or bool(self._context.settings.splitter(QUEUE_FOLDED)))

    def _restore(self, arrangement: str) -> None:
        room, height = max(self._page.width(), 400), max(self._page.height(), 300)
        library = FOLDED_WIDTH if arrangement != "wide" else LIBRARY_WIDTH
        for splitter, sizes in (
            (self.columns, [library, room - library]),
            (self.work, [height * 5 // 9, height * 4 // 9] if arrangement == "stacked" else [FORM_WIDTH, room]),
            (self.rows, [height - QUEUE_HEIGHT, QUEUE_HEIGHT]),
        ):
            saved = self._context.settings.splitter(f"create-{splitter.objectName()}-{arrangement}")
            orientation = splitter.orientation()
            if not saved or not splitter.restoreState(QByteArray.fromBase64(saved.encode())):
                splitter.setSizes(sizes)
            splitter.setOrientation(orientation)
            splitter.setChildrenCollapsible(False)

    def _remember(self) -> None:
        for splitter in (self.work, self.columns, self.rows):
            if splitter is self.rows and self._queue.is_folded:
                continue
            state = bytes(splitter.saveState().toBase64().data()).decode()
            self._context.settings.set_splitter(f"create-{splitter.objectName()}-{self._now}", state)

    def _on_folded(self, folded: bool) -> None:
        """A person folded or unfolded the queue: so it stays, but for windows that are too narrow."""
        if self._now != "stacked":
            self._context.settings.set_splitter(QUEUE_FOLDED, "folded" if folded else "")
        self._fold_queue(folded)

    def _fold_queue(self, folded: bool) -> None:
        queue = self._queue
        queue.set_folded(folded)
        queue.setMaximumHeight(HEADER_HEIGHT if queue.is_folded else 16_777_215)
        queue.setMinimumHeight(HEADER_HEIGHT if queue.is_folded else HEADER_HEIGHT + 66)
        height = HEADER_HEIGHT if queue.is_folded else QUEUE_HEIGHT
        self.rows.setSizes([max(self._page.height(), 300) - height, height])


def _splitter(orientation: Qt.Orientation, name: str) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    return splitter
