"""The head of the queue: the state in one sentence, pause, and clear."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.words import summary_sentence
from comfydesk.gui.widgets.buttons import Button
from comfydesk.gui.widgets.labels import ElidedLabel, label


class QueueHeader(QWidget):
    """Shows the figures of a feed; `fold_requested` where it has the button that folds the panel."""

    fold_requested = Signal()

    def __init__(
        self, context: Context, feed: QueueFeed, parent: QWidget | None = None, *, foldable: bool = False
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._feed = feed
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 10, 0)
        row.setSpacing(10)
        row.addWidget(label(self.tr("Queue"), "heading"))
        self.sentence = ElidedLabel("", "muted")
        row.addWidget(self.sentence, 1)
        self.pause = self._button("pause", self.tr("Pause"))
        self.pause.clicked.connect(self._toggle_pause)
        self.clear = self._button("trash", self.tr("Clear waiting"))
        self.clear.clicked.connect(feed.clear_waiting)
        row.addWidget(self.pause)
        row.addWidget(self.clear)
        self.fold: Button | None = None
        if foldable:
            self.fold = self._button("chevron-down", "")
            self.fold.setFixedWidth(34)
            self.fold.setAccessibleName(self.tr("Fold the queue"))
            self.fold.clicked.connect(self.fold_requested)
            row.addWidget(self.fold)
        feed.summary_changed.connect(self._show)
        self._show()

    def set_folded(self, folded: bool) -> None:
        if self.fold is not None:
            self.fold.setIcon(self._context.icons.icon("chevron-up" if folded else "chevron-down", "muted"))
            self.fold.setToolTip(self.tr("Show the queue") if folded else self.tr("Fold the queue to one line"))

    def _button(self, icon: str, text: str) -> Button:
        button = Button(text)
        button.setProperty("kind", "quiet")
        button.setIcon(self._context.icons.icon(icon, "muted"))
        return button

    def _toggle_pause(self) -> None:
        self._feed.set_paused(not self._feed.summary.paused)

    def _show(self) -> None:
        feed = self._feed
        book = feed.model.book
        running = max(feed.summary.running, book.running_count)
        waiting = max(feed.summary.waiting, book.waiting_count)
        saving = running if feed.only_saves else 0  # beside others, a run that is saved for a moment is not told apart
        text = summary_sentence(
            running - saving, waiting, feed.trouble, feed.end_of_all, paused=feed.summary.paused, saving=saving
        )
        self.sentence.set_text(text or (self.tr("nothing waits") if feed.is_loaded else ""))
        paused = feed.summary.paused
        self.pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.pause.setIcon(self._context.icons.icon("play" if paused else "pause", "muted"))
        self.pause.setEnabled(feed.is_attached and bool(paused or running or waiting))
        self.clear.setEnabled(waiting > 0)
