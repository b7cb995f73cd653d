"""The Create page: workflows, form, stage and queue, arranged to the room there is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from comfydesk.base.changes import Change
from comfydesk.gui.context import Context
from comfydesk.gui.create.arrangement import RAIL, Arrangement
from comfydesk.gui.create.stage import Stage
from comfydesk.gui.create.tabs import OpenTabs
from comfydesk.gui.create.when import when
from comfydesk.gui.form.panel import FormPanel
from comfydesk.gui.hosts.states import HostStates
from comfydesk.gui.library.panel import LibraryPanel
from comfydesk.gui.queue.feed import ANSWERING
from comfydesk.gui.queue.panel import QueuePanel
from comfydesk.gui.queue.words import counted
from comfydesk.jobs.model import Job, JobState, OwnerKind
from comfydesk.library.model import WorkflowFileChanged

ESCAPES_WITHIN_MS = 700


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
        self._lost: list[Job] = []
        self.library = LibraryPanel(context)
        self.form = FormPanel(context)
        self.queue = QueuePanel(context)
        self.stage = Stage(context, self.queue.feed)
        self.tabs = OpenTabs(context, self.form, self.library.model, self)
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
        self.tabs.clear()
        for panel in (self.form, self.stage, self.queue, self.library):
            panel.detach()

    def open_workflow(self, name: str, *, new_tab: bool = False) -> None:
        """Open a workflow of the library: in its tab, or in place of the one that is shown, or in a tab of its own."""
        self._wanted = name
        self.tabs.open(name, new=new_tab)
        self.library.choose(name)
        self.context.settings.set(last_workflow=name)
        self.form.open(name, self._host_id)

    # layout

    def _lay_out(self) -> None:
        desk = QFrame()
        desk.setProperty("kind", "panel")
        inside = QVBoxLayout(desk)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        self.places = Arrangement(self.context, self, self.library, desk, self.stage, self.queue)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.places.rows)
        self.places.fill()
        inside.addWidget(self.tabs.bar)
        inside.addWidget(self.form, 1)

    @property
    def work(self) -> QSplitter:
        """The form beside the stage."""
        return self.places.work

    def close_tab(self) -> bool:
        """Close the tab that is shown. False where there is only one, for whoever would close the window then."""
        return self.tabs.close_current()

    # wiring

    def _connect(self) -> None:
        for panel in (self.library, self.form, self.stage, self.queue):
            panel.toast_requested.connect(self.toast_requested)
        for panel in (self.stage, self.queue):
            panel.page_requested.connect(self.page_requested)
        self.library.files_dropped.connect(self.files_dropped)
        self.library.workflow_chosen.connect(self.open_workflow)
        self.library.loaded.connect(self._on_library)
        self.library.tab_requested.connect(lambda name: self.open_workflow(name, new_tab=True))
        self.library.workflow_renamed.connect(self.tabs.renamed)
        self.tabs.shown.connect(self.open_workflow)
        self.library.commands.values_of = self._values_of
        self.context.bridge.changed.connect(self._on_changes)
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
        if self.tabs.library_loaded() and self.tabs.list.current:
            self.open_workflow(self.tabs.list.current)
            return
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
            if self.form.session.is_expected(opened.entry.name):
                return  # saved here a moment ago
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
        self.form.set_when(when(self._states, self.form.session, self.queue.feed, self._host_id))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.places.arrange(event.size().width() + RAIL)
