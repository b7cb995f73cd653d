"""The foot of the form: how many runs, the Queue button, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Issue, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.issue_line import IssueLine
from comfydesk.gui.form.number_editor import NumberEditor
from comfydesk.gui.form.run_button import RunButton
from comfydesk.gui.form.state import FIXED_SEED, MAX_RUNS, NO_SEED
from comfydesk.gui.queue.words import counted
from comfydesk.gui.widgets.buttons import button, icon_button, menu
from comfydesk.gui.widgets.labels import ElidedLabel

RUNS = Field("runs", "", "runs", "Runs", Kind.INT, 1, min=1, max=MAX_RUNS, step=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the next press would do. `blocked`: the field that is in its way and why; `when`: the second line."""

    runs: int = 1
    asked: int = 1
    files: int = 1
    noun: str = "picture"
    single: str = ""  # why one run is all: FIXED_SEED, NO_SEED or ""
    when: str = ""
    blocked_key: str = ""
    blocked: str = ""
    blocked_label: str = ""
    fix: Issue | None = None  # what is in the way, where a value is known that would mend it
    ready: bool = False  # a workflow and an engine are there


class RunFooter(QFrame):
    """`queue_requested(front)`, `count_changed(number)`, `jump_requested(key)`, `mend_requested(Issue, value)`, and
    three without arguments.
    """

    queue_requested = Signal(bool)
    count_changed = Signal(object)
    jump_requested = Signal(str)
    mend_requested = Signal(object, object)
    look_again_requested = Signal()
    more_seeds_requested = Signal()
    outputs_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._offer = Offer()
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 10, 16, 12)
        column.setSpacing(6)
        column.addLayout(self._notice())
        self.fix = IssueLine(context)
        self.fix.mend_requested.connect(self.mend_requested)
        self.fix.look_again_requested.connect(self.look_again_requested)
        column.addWidget(self.fix)
        row = QHBoxLayout()
        row.setSpacing(5)
        self.runs = NumberEditor(RUNS, context, caption=self.tr("Runs"), slider=False)
        self.runs.setFixedWidth(128)
        self.runs.line.setAccessibleName(self.tr("Runs"))
        self.runs.value_changed.connect(self.count_changed)
        row.addWidget(self.runs)
        self.queue = RunButton(context)
        self.queue.clicked.connect(lambda: self.queue_requested.emit(False))
        self.queue.refused.connect(lambda: self.queue_requested.emit(False))  # which leads to what is in the way
        row.addWidget(self.queue, 1)
        row.addSpacing(3)
        self.more = icon_button(
            context.icons.icon("more", "text"), self.tr("More"), clicked=self._show_more, kind="plain"
        )
        self.more.setFixedSize(38, 46)
        row.addWidget(self.more)
        column.addLayout(row)
        self.show_offer(Offer())

    @property
    def offer(self) -> Offer:
        return self._offer

    def show_offer(self, offer: Offer) -> None:
        """Say what a press would do, or why it cannot."""
        self._offer = offer
        self.runs.setEnabled(offer.single != NO_SEED)
        self.runs.setToolTip(self._no_seed() if offer.single == NO_SEED else "")
        if self.runs.value != offer.asked:
            self.runs.set_value(offer.asked)
        self.queue.setEnabled(offer.ready and not offer.blocked)
        self.queue.say(self._headline(offer), self._second_line(offer))
        self._show_notice(offer)

    def _headline(self, offer: Offer) -> str:
        nouns = {
            "picture": (self.tr("picture"), self.tr("pictures")),
            "video": (self.tr("video"), self.tr("videos")),
            "sound": (self.tr("sound"), self.tr("sounds")),
            "model": (self.tr("model"), self.tr("models")),
        }.get(offer.noun, (self.tr("file"), self.tr("files")))
        made = counted(offer.files, *nouns)
        if offer.runs == 1:
            return self.tr("Queue {made}").format(made=made)
        return self.tr("Queue {n} runs · {made}").format(n=f"{offer.runs:,}", made=made)

    def _second_line(self, offer: Offer) -> str:
        if offer.blocked:
            return self.tr("fix {field} first").format(field=offer.blocked_label or self.tr("the workflow"))
        if offer.single == FIXED_SEED and offer.asked > 1:
            return self.tr("the seed is fixed")
        return offer.when

    def _no_seed(self) -> str:
        return self.tr("This workflow has no seed: every run would give the same again.")

    def _notice(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(8)
        self.notice = ElidedLabel("", "warning")
        self.notice_link = button("", "link", clicked=self._follow)
        row.addWidget(self.notice)
        row.addWidget(self.notice_link)
        row.addStretch(1)
        return row

    def _show_notice(self, offer: Offer) -> None:
        text = link = ""
        self.fix.show_issue(offer.fix, label=offer.blocked_label)
        if offer.blocked and offer.fix is None:
            text, link = offer.blocked, self.tr("Go there") if offer.blocked_key else ""
        elif offer.single == FIXED_SEED and offer.asked > 1:
            text = self.tr("One run: the seed is fixed.")
            link = self.tr("Use {n} seeds").format(n=f"{offer.asked:,}")
        self.notice.set_text(text)
        self.notice.setVisible(bool(text))
        self.notice_link.setText(link)
        self.notice_link.setVisible(bool(link))

    def _follow(self) -> None:
        if self._offer.blocked_key:
            self.jump_requested.emit(self._offer.blocked_key)
        else:
            self.more_seeds_requested.emit()

    def _show_more(self) -> None:
        entries = menu(self)
        entries.aboutToHide.connect(entries.deleteLater)
        front = entries.addAction(self.tr("Queue to run next"))
        front.setShortcut(QKeySequence("Ctrl+Shift+Return"))
        front.setEnabled(self.queue.isEnabled())
        front.triggered.connect(lambda: self.queue_requested.emit(True))
        above = self.more.mapToGlobal(self.more.rect().topLeft())
        entries.popup(QPoint(above.x(), above.y() - entries.sizeHint().height() - 4))
