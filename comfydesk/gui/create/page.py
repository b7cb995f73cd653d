"""The Create page: workflows, form, stage and queue, arranged to the room there is."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from comfydesk.base.changes import Change
from comfydesk.gui.context import Context
from comfydesk.gui.create.stage import Stage
from comfydesk.gui.form.panel import FormPanel
from comfydesk.gui.hosts.states import HostStates
from comfydesk.gui.library.panel import FOLDED_WIDTH, LibraryPanel
from comfydesk.gui.queue.feed import ANSWERING
from comfydesk.gui.queue.panel import HEADER_HEIGHT, QueuePanel
from comfydesk.gui.queue.words import clock, counted
from comfydesk.jobs.model import Job, JobState, OwnerKind
from comfydesk.library.model import WorkflowFileChanged

LIBRARY_WIDTH, FORM_WIDTH, QUEUE_HEIGHT = 248, 432, 176
# Of the window; the rail takes 73 px of it.
FOLD_LIBRARY_BELOW, STACK_BELOW, RAIL = 1200, 1000, 73
ESCAPES_WITHIN_MS = 700
SAVE_SIZES_AFTER_MS = 400
QUEUE_FOLDED = "create-queue-folded"


class CreatePage(QFrame):
    """`page_requested(name)`, `toast_requested(text, action, callback)`, `files_dropped(list of paths)`."""

    page_requested = Signal(str)
    toast_requested = Signal(str, str, object)
    files_dropped = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._engine: Any = None
        self._states: HostStates | None = None
        self._host_id = ""
        self._answered = False
        self._wanted = ""
        self._arrangement = ""
        self._lost: list[Job] = []
        self.library = LibraryPanel(context)
        self.form = FormPanel(context)
        self.queue = QueuePanel(context)
        self.stage = Stage(context, self.queue.feed)
        self._lay_out()
        self._connect()
        self._shortcuts()
        self.form.show_waiting()
        self.setFocusProxy(self.form)

    # engine

    def set_states(self, states: HostStates) -> None:
        """The window's hosts: which one is used, and how it does."""
        self._states = states
        states.changed.connect(self._on_hosts)
        self._on_hosts()

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.form.attach(engine)
        self.queue.attach(engine)
        self.stage.attach(engine)
        self.library.attach(engine)
        self._on_hosts()

    def detach(self) -> None:
        self._engine = None
        self._host_id, self._answered, self._wanted = "", False, ""
        for panel in (self.form, self.stage, self.queue, self.library):
            panel.detach()

    def open_workflow(self, name: str) -> None:
        """Open a workflow of the library."""
        self._wanted = name
        self.library.choose(name)
        self.context.settings.set(last_workflow=name)
        self.form.open(name, self._host_id)

    # layout

    def _lay_out(self) -> None:
        self.work = _splitter(Qt.Orientation.Horizontal, "work")
        self.columns = _splitter(Qt.Orientation.Horizontal, "columns")
        self.rows = _splitter(Qt.Orientation.Vertical, "rows")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)
        # From the outside in: a panel that moves with its splitter once more is styled once more.
        for splitter, panels, wide in (
            (self.rows, (self.columns, self.queue), 0),
            (self.columns, (self.library, self.work), 1),
            (self.work, (self.form, self.stage), 1),
        ):
            for place, panel in enumerate(panels):
                splitter.addWidget(panel)
                splitter.setStretchFactor(place, int(place == wide))
        self.form.setMinimumWidth(392)
        self.stage.setMinimumWidth(260)
        self.queue.setMinimumHeight(HEADER_HEIGHT)
        self._sizes_timer = QTimer(self)
        self._sizes_timer.setSingleShot(True)
        self._sizes_timer.setInterval(SAVE_SIZES_AFTER_MS)
        self._sizes_timer.timeout.connect(self._remember)
        for splitter in (self.work, self.columns, self.rows):
            splitter.splitterMoved.connect(self._sizes_timer.start)

    def arrange(self, width: int) -> None:
        """Arrange the panels for a window of this width."""
        wanted = "stacked" if width < STACK_BELOW else "folded" if width < FOLD_LIBRARY_BELOW else "wide"
        if wanted == self._arrangement:
            return
        self._arrangement = wanted
        folded, stacked = wanted != "wide", wanted == "stacked"
        self.library.set_folded(folded)
        self.library.setMinimumWidth(FOLDED_WIDTH if folded else 180)
        self.library.setMaximumWidth(FOLDED_WIDTH if folded else 420)
        self.work.setOrientation(Qt.Orientation.Vertical if stacked else Qt.Orientation.Horizontal)
        self.stage.set_compact(stacked)
        self.stage.setMinimumHeight(150 if stacked else 240)
        self.form.setMinimumHeight(190 if stacked else 0)
        self._restore(wanted)
        self._fold_queue(stacked or bool(self.context.settings.splitter(QUEUE_FOLDED)))

    def _restore(self, arrangement: str) -> None:
        room, height = max(self.width(), 400), max(self.height(), 300)
        library = FOLDED_WIDTH if arrangement != "wide" else LIBRARY_WIDTH
        for splitter, sizes in (
            (self.columns, [library, room - library]),
            (self.work, [height * 5 // 9, height * 4 // 9] if arrangement == "stacked" else [FORM_WIDTH, room]),
            (self.rows, [height - QUEUE_HEIGHT, QUEUE_HEIGHT]),
        ):
            saved = self.context.settings.splitter(f"create-{splitter.objectName()}-{arrangement}")
            orientation = splitter.orientation()
            if not saved or not splitter.restoreState(QByteArray.fromBase64(saved.encode())):
                splitter.setSizes(sizes)
            splitter.setOrientation(orientation)
            splitter.setChildrenCollapsible(False)

    def _remember(self) -> None:
        for splitter in (self.work, self.columns, self.rows):
            if splitter is self.rows and self.queue.is_folded:
                continue
            state = bytes(splitter.saveState().toBase64().data()).decode()
            self.context.settings.set_splitter(f"create-{splitter.objectName()}-{self._arrangement}", state)

    def _on_folded(self, folded: bool) -> None:
        """A person folded or unfolded the queue: so it stays, but for windows that are too narrow."""
        if self._arrangement != "stacked":
            self.context.settings.set_splitter(QUEUE_FOLDED, "folded" if folded else "")
        self._fold_queue(folded)

    def _fold_queue(self, folded: bool) -> None:
        self.queue.set_folded(folded)
        self.queue.setMaximumHeight(HEADER_HEIGHT if self.queue.is_folded else 16_777_215)
        self.queue.setMinimumHeight(HEADER_HEIGHT if self.queue.is_folded else HEADER_HEIGHT + 66)
        queue = HEADER_HEIGHT if self.queue.is_folded else QUEUE_HEIGHT
        self.rows.setSizes([max(self.height(), 300) - queue, queue])

    # wiring

    def _connect(self) -> None:
        for panel in (self.library, self.form, self.stage, self.queue):
            panel.toast_requested.connect(self.toast_requested)
        for panel in (self.stage, self.queue):
            panel.page_requested.connect(self.page_requested)
        self.library.files_dropped.connect(self.files_dropped)
        self.library.workflow_chosen.connect(self.open_workflow)
        self.library.loaded.connect(self._on_library)
        self.library.workflow_renamed.connect(self.form.session.renamed)
        self.library.commands.values_of = self._values_of
        self.context.bridge.changed.connect(self._on_changes)
        self.queue.folded.connect(self._on_folded)
        self.queue.feed.summary_changed.connect(self._say_when)
        self.queue.feed.job_changed.connect(self._on_job)
        self.form.queued.connect(self.queue.feed.offer_undo)
        session = self.form.session
        session.host_needed.connect(lambda: self.page_requested.emit("hosts"))
        for news in (self.form.queued, session.values_changed, session.opened, self.form.footer.count_changed):
            news.connect(lambda _: self._say_when())

    def _shortcuts(self) -> None:
        for keys, act in (
            ("Ctrl+Return", lambda: self.form.queue()),
            ("Ctrl+Enter", lambda: self.form.queue()),
            ("Ctrl+Shift+Return", lambda: self.form.queue(front=True)),
            ("Ctrl+Shift+Enter", lambda: self.form.queue(front=True)),
            ("Escape", self._escaped),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        self._escape = QTimer(self)
        self._escape.setSingleShot(True)
        self._escape.setInterval(ESCAPES_WITHIN_MS)
        self._escape.timeout.connect(lambda: self.stage.strip.hint(""))

    def _escaped(self) -> None:
        if self.stage.strip.job is None:
            return
        if self._escape.isActive():
            self._escape.stop()
            self.stage.strip.hint("")
            self.stage.strip.stop_this()
        else:
            self._escape.start()
            self.stage.strip.hint(self.tr("Esc again stops this run"))

    # what happens

    def _on_library(self) -> None:
        names = [entry.name for entry in self.library.model.entries]
        if not names:
            self.form.show_empty()
        opened = self.form.session.workflow
        if not names or (opened is not None and opened.entry.name in names):
            return
        last = self._wanted or str(self.context.settings.get("last_workflow"))
        self.open_workflow(last if last in names else names[0])

    def _values_of(self, name: str) -> dict[str, Any] | None:
        """What the form holds for a workflow, None where another one is open."""
        workflow, state = self.form.session.workflow, self.form.session.state
        is_open = workflow is not None and workflow.entry.name == name
        return dict(state.values) if is_open and state is not None else None

    def _on_changes(self, changes: list[Change]) -> None:
        """The open workflow's file was changed by another program, or in ComfyUI: the form follows it."""
        opened = self.form.session.workflow
        if opened is not None and any(
            isinstance(change, WorkflowFileChanged) and change.name == opened.entry.name for change in changes
        ):
            self.form.session.reopen(self._host_id)
            text = self.tr("{title} was changed outside; the form shows it, what you typed is kept.")
            self.toast_requested.emit(text.format(title=opened.entry.title), "", None)

    def _on_hosts(self) -> None:
        """Another host is used, or it answers now: its names may differ from what the form shows."""
        if self._engine is None or self._states is None:
            return
        current = self._states.current
        host_id = current.host_id if current is not None else ""
        answers = self._states.connection() in ANSWERING
        changed = host_id != self._host_id
        if changed or (answers and not self._answered):
            self._host_id = host_id
            if self._wanted:
                self.form.open(self._wanted, host_id)
        self._answered = (answers and not changed) or answers
        self._say_when()

    def _on_job(self, job: Job) -> None:
        if job.owner_kind is not OwnerKind.WINDOW:
            return
        if job.state is JobState.FAILED:
            self.form.session.rejected(job)
        elif job.state is JobState.LOST:
            if not self._lost:
                QTimer.singleShot(200, self, self._say_lost)  # a restart loses several at once
            self._lost.append(job)

    def _say_lost(self) -> None:
        lost, self._lost = self._lost, []
        if not lost or self._engine is None:
            return
        host = self.queue.feed.model.host_name(lost[0].host_id)
        runs = counted(len(lost), self.tr("run was lost"), self.tr("runs were lost"))
        retry = self._engine.queue.retry
        self.toast_requested.emit(
            self.tr("{host} restarted: {runs}").format(host=host, runs=runs),
            self.tr("Run again"),
            lambda: self.context.bridge.run(retry, [job.job_id for job in lost]),
        )

    def _say_when(self) -> None:
        self.form.set_when(self._when())

    def _when(self) -> str:
        """When a press now would be done, or what it would wait for."""
        states, state, feed = self._states, self.form.session.state, self.queue.feed
        if states is None or states.current is None:
            return self.tr("waits until a host is chosen")
        if states.connection() not in ANSWERING:
            return self.tr("starts when {host} answers").format(host=states.current.name or states.current.url)
        if feed.summary.paused:
            return self.tr("waits: the queue is paused")
        workflow = self.form.session.workflow
        if state is None or workflow is None:
            return ""
        took = feed.model.book.duration(self._host_id, workflow.entry.title)
        waiting = feed.model.book.waiting_count
        is_busy = waiting + feed.model.book.running_count > 0 and not feed.only_saves
        before = feed.end_of_all if is_busy else time.time()
        if took is None or before is None:
            return self.tr("after {n} waiting").format(n=waiting) if waiting else ""
        end = max(before, time.time()) + took * state.runs
        left = end - time.time()
        if left < 60:
            return self.tr("about {n} s").format(n=max(1, round(left)))
        return self.tr("done about {time}").format(time=clock(end))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange(event.size().width() + RAIL)


def _splitter(orientation: Qt.Orientation, name: str) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    return splitter
