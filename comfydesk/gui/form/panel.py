"""The form column: the workflow's name, its fields, and the Queue button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.engine.model import Queued
from comfydesk.form.fields import Issue, SeedMode
from comfydesk.form.issue_groups import Subject, subject_of
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form import paid_question
from comfydesk.gui.form.check_bar import CheckBar
from comfydesk.gui.form.footer import Offer, RunFooter
from comfydesk.gui.form.header import FormHeader
from comfydesk.gui.form.issue_line import issue_sentence
from comfydesk.gui.form.keyboard import Keyboard
from comfydesk.gui.form.session import FormSession
from comfydesk.gui.form.sheet import FormSheet
from comfydesk.gui.queue.words import counted
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton
from comfydesk.gui.widgets.problem_line import ProblemLine

LEAST_ROOM = 120  # pixels for the fields below the open bar


class FormPanel(QFrame):
    """Shows a `FormSession`. `toast_requested(text, action, callback)`, `queued(Queued)`."""

    toast_requested = Signal(str, str, object)
    queued = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setProperty("kind", "panel")
        self.session = FormSession(context, self)
        self.sheet: FormSheet | None = None
        self._engine: Any = None
        self._when = ""
        self.keyboard = Keyboard(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = FormHeader()
        self.header.reset_requested.connect(self._reset_all)
        column.addWidget(self.header)
        self.problem = ProblemLine(context.icons)
        self.bar = CheckBar(context)
        framed = QVBoxLayout()
        framed.setContentsMargins(16, 0, 16, 8)
        framed.setSpacing(8)
        framed.addWidget(self.problem)
        framed.addWidget(self.bar)
        column.addLayout(framed)
        column.addWidget(self._body(), 1)
        line = QFrame()
        line.setProperty("kind", "line")
        column.addWidget(line)
        self.footer = RunFooter(context)
        column.addWidget(self.footer)
        self._connect()

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.session.attach(engine)

    def detach(self) -> None:
        self.session.detach()
        self._engine = None
        self._drop_sheet()
        self.show_waiting()

    def open(self, name: str, host_id: str) -> None:
        """Show a workflow; the form that is there stays until the new one is ready."""
        self.problem.clear()
        if self.sheet is None:
            self._pages.setCurrentWidget(self._loading)
        self.session.open(name, host_id)

    def show_waiting(self) -> None:
        """It is not known yet which workflow will be open."""
        self.header.show_workflow("")
        self.bar.show_issues((), None)
        self._pages.setCurrentWidget(self._loading)
        self.show_offer()

    def show_empty(self) -> None:
        """No workflow is open."""
        self.header.show_workflow(self.tr("Create"))
        self.bar.show_issues((), None)
        self._pages.setCurrentWidget(self._empty)
        self.show_offer()

    def set_when(self, text: str) -> None:
        """The button's second line: when the press would be done, or what it waits for."""
        if text != self._when:
            self._when = text
            self.show_offer()

    def queue(self, *, front: bool = False) -> None:
        """Queue what the form asks for, or jump to what is in its way."""
        offer = self.footer.offer
        if offer.blocked:
            if offer.blocked_key:
                self.jump(offer.blocked_key)
        elif offer.ready:
            self.session.queue(front=front)

    def jump(self, key: str) -> None:
        """Scroll to a field and put the keyboard there."""
        if self._pages.isHidden():
            self.bar.close_list()
        if self.sheet is not None and (row := self.sheet.jump(key)) is not None:
            QTimer.singleShot(0, row, lambda: self.scroll.ensureWidgetVisible(row, 0, 60))

    def show_offer(self) -> None:
        """Say on the button what a press would do."""
        state, workflow = self.session.state, self.session.workflow
        if state is None or workflow is None:
            self.footer.show_offer(Offer())
            return
        key, why, issue = self._in_the_way()
        self.footer.show_offer(
            Offer(
                runs=state.runs,
                asked=state.count,
                files=self.session.files,
                noun=workflow.form.output_noun,
                single=state.single,
                when=self._when,
                blocked_key=key,
                blocked=why,
                blocked_label=self._label(key),
                fix=issue if issue is not None and issue.suggestions else None,
                ready=self.session.is_attached,
            )
        )

    def _in_the_way(self) -> tuple[str, str, Issue | None]:
        """The first field that a press cannot be made with, why, and the issue of its value."""
        if self.sheet is not None:
            for key, why in self.sheet.broken():
                return key, f"{self._label(key)}: {why}", None
        for issue in self.session.issues:
            if issue.severity == "error":
                said = issue_sentence(issue)
                label = self._label(issue.key)
                return issue.key, said if not label or label in said else f"{label}: {said}", issue
        return "", "", None

    def _label(self, key: str) -> str:
        field = self.session.workflow.form.get(key) if self.session.workflow is not None else None
        return field.label if field is not None else ""

    def _body(self) -> QWidget:
        self._pages = QStackedWidget()
        self._empty = Placeholder(
            self.context.icons,
            "workflow",
            self.tr("Choose a workflow"),
            self.tr("Pick one on the left, or drop a workflow here, or a picture or video that carries one."),
        )
        self._loading = Skeleton(self.context.theme, "form")
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The bar takes the sheet's margin, not the fields' room: nothing moves when it comes.
        self.scroll.verticalScrollBar().rangeChanged.connect(lambda *_: self._fit_margin())
        for page in (self._empty, self._loading, self.scroll):
            self._pages.addWidget(page)
        return self._pages

    def _fit_margin(self) -> None:
        if self.sheet is not None:
            bar = self.scroll.verticalScrollBar()
            self.sheet.set_right_margin(bar.sizeHint().width() if bar.maximum() > bar.minimum() else 0)

    def _connect(self) -> None:
        session, footer = self.session, self.footer
        session.opened.connect(self._opened)
        session.open_failed.connect(self._open_failed)
        session.issues_changed.connect(self._show_issues)
        session.values_changed.connect(self._values_changed)
        session.queued.connect(self._queued)
        session.paid_asked.connect(lambda problem, pay: paid_question.ask(self.window(), problem, pay))
        session.queue_failed.connect(lambda problem: self.problem.show_problem(problem, self._dismiss()))
        footer.queue_requested.connect(lambda front: self.queue(front=front))
        footer.count_changed.connect(self._count_changed)
        footer.jump_requested.connect(self.jump)
        footer.mend_requested.connect(session.mend)
        self.bar.mend_requested.connect(session.mend)
        self.bar.jump_requested.connect(self.jump)
        self.bar.look_again_requested.connect(session.look_again)
        self.bar.toggled.connect(lambda _open: self._make_room())
        footer.look_again_requested.connect(session.look_again)
        footer.more_seeds_requested.connect(self._more_seeds)
        footer.reset_requested.connect(self._reset_all)

    def _opened(self, rebuilt: bool) -> None:
        workflow, state = self.session.workflow, self.session.state
        self.header.show_workflow(workflow.entry.title)
        self.problem.clear()
        if rebuilt or self.sheet is None:
            self.keyboard.leave()
            self._drop_sheet()
            pasted = Path(self._engine.home.root) / "pasted"
            self.sheet = FormSheet(state, self.context, pasted)
            self.sheet.edited.connect(self._edited)
            self.sheet.mend_requested.connect(self.session.mend)
            self.sheet.look_again_requested.connect(self.session.look_again)
            self.sheet.validity_changed.connect(self.show_offer)
            self.scroll.setWidget(self.sheet)
            self.sheet.setAutoFillBackground(False)  # the panel's colour shows, not the window's
            self._fit_margin()  # the bar may stay as it is: then it tells nothing
            self.keyboard.come_back()
        self._pages.setCurrentWidget(self.scroll)
        self.keyboard.form_opened()
        self._show_issues()
        self._show_changed()

    def _make_room(self) -> None:
        """In a low window the open list of the bar takes the place of the fields."""
        rest = self.height() - self.header.height() - self.footer.sizeHint().height() - self.bar.wanted_height
        self._pages.setVisible(not self.bar.is_open or rest >= LEAST_ROOM)

    def _open_failed(self, problem: Problem) -> None:
        self.problem.show_problem(problem, self._dismiss())
        if self.sheet is None:
            self._pages.setCurrentWidget(self._empty)

    def _dismiss(self) -> tuple[str, Any]:
        return self.tr("Close"), self.problem.clear

    def _drop_sheet(self) -> None:
        if self.sheet is not None:
            self.scroll.takeWidget()
            self.sheet.deleteLater()
            self.sheet = None

    def _edited(self) -> None:
        self.keyboard.typed()
        self.session.edited()
        self.sheet.show_changed()
        self._show_changed()

    def _values_changed(self, keys: list[str]) -> None:
        if self.sheet is not None:
            self.sheet.refresh(keys)
        self._show_changed()

    def _show_changed(self) -> None:
        changed = len(self.session.state.changed()) if self.session.state is not None else 0
        self.header.show_changed(changed)
        self.show_offer()

    def _show_issues(self) -> None:
        if self.sheet is not None:
            self.sheet.set_issues(self.session.all_issues)
        form = self.session.workflow.form if self.session.workflow is not None else None
        self.bar.show_issues(self.session.all_issues, form)
        general = next((issue for issue in self.session.issues if subject_of(issue, form) is Subject.WORKFLOW), None)
        if general is not None:
            step = words.next_step(general.code, general.facts) if general.code in words.WORDS else ""
            self.problem.show_text(issue_sentence(general), step, tone="warning")
        elif self.problem.property("tone") == "warning":
            self.problem.clear()
        self.show_offer()

    def _count_changed(self, count: int) -> None:
        if self.session.state is not None:
            self.session.state.count = int(count)
            self.session.edited([])
            self.show_offer()

    def _more_seeds(self) -> None:
        """Let a fixed seed count up, so that each run gives another result."""
        state = self.session.state
        if state is not None:
            for key in state.modes:
                state.set_mode(key, SeedMode.INCREMENT)
            self._values_changed(list(state.modes))
            self.session.edited([])

    def _reset_all(self) -> None:
        state = self.session.state
        if state is None:
            return
        before = {key: state.values[key] for key in state.changed()}
        for key in before:
            state.reset(key)
        self._values_changed(list(before))
        self.session.edited()

        def undo() -> None:
            if state is self.session.state:
                for key, value in before.items():
                    state.set(key, value)
                self._values_changed(list(before))
                self.session.edited()

        if before:
            text = self.tr("Put back {fields}").format(fields=counted(len(before), self.tr("field"), self.tr("fields")))
            self.toast_requested.emit(text, self.tr("Undo"), undo)

    def _queued(self, queued: Queued) -> None:
        self.problem.clear()
        self.queued.emit(queued)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.keyboard.write_on()
