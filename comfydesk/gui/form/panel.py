"""The form column: the workflow's name, its fields, and the Queue button."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.engine.model import Queued
from comfydesk.form.issue_groups import Subject, subject_of
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form import paid_question
from comfydesk.gui.form.actions import FormActions
from comfydesk.gui.form.check_bar import CheckBar
from comfydesk.gui.form.edits import FormEdits
from comfydesk.gui.form.footer import RunFooter
from comfydesk.gui.form.header import FormHeader
from comfydesk.gui.form.issue_line import issue_sentence
from comfydesk.gui.form.keep_defaults import KeepDefaults
from comfydesk.gui.form.keyboard import Keyboard
from comfydesk.gui.form.offering import offer_of
from comfydesk.gui.form.presets.comparing import Comparing
from comfydesk.gui.form.presets.copying import Copying
from comfydesk.gui.form.presets.presets import Presets
from comfydesk.gui.form.profile.arranging import FormArranging
from comfydesk.gui.form.session import FormSession
from comfydesk.gui.form.sheet import FormSheet
from comfydesk.gui.form.sheet_stack import FormScroll, SheetStack
from comfydesk.gui.form.steps import OpenForm
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
        self.actions = FormActions(context.icons, self)
        self.edits = FormEdits(self.session, self.actions, self)
        self.defaults = KeepDefaults(self.session, self.actions, self)
        self.presets = Presets(context, self.session, self.edits, self.actions, self)
        self.comparing = Comparing(context, self.session, self.edits, self.actions, self)
        self.copying = Copying(context, self.session, self.actions, self)
        self._engine: Any = None
        self._when = ""
        self.keyboard = Keyboard(self)
        self.arranging = FormArranging(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = FormHeader(context, self.actions)
        self.header.add(self.presets.button)
        column.addWidget(self.header)
        self.problem = ProblemLine(context.icons)
        self.bar = CheckBar(context)
        framed = QVBoxLayout()
        framed.setContentsMargins(16, 0, 16, 8)
        framed.setSpacing(8)
        framed.addWidget(self.problem)
        framed.addWidget(self.bar)
        column.addLayout(framed)
        column.addWidget(self.arranging.bar)
        self._pages = SheetStack(context)
        column.addWidget(self._pages, 1)
        line = QFrame()
        line.setProperty("kind", "line")
        column.addWidget(line)
        self.footer = RunFooter(context)
        column.addWidget(self.footer)
        self._connect()

    @property
    def sheet(self) -> FormSheet | None:
        """The fields of the open form."""
        return self._pages.sheet

    @property
    def scroll(self) -> FormScroll:
        return self._pages.scroll

    def attach(self, engine: Any) -> None:
        self._engine = engine
        for part in (self.session, self.presets, self.comparing, self.copying, self.defaults, self.arranging):
            part.attach(engine)

    def detach(self) -> None:
        for part in (self.presets, self.comparing, self.copying, self.session, self.defaults, self.arranging):
            part.detach()
        self._engine = None
        self._pages.keep(())
        self.show_waiting()

    def open(self, name: str, host_id: str) -> None:
        """Show a workflow; the form that is there stays until the new one is ready."""
        self.problem.clear()
        waiting = self._pages.take(name)
        if waiting is not None:
            self.session.resume(waiting)
        elif self.sheet is None:
            self._pages.show_loading()
        self.session.open(name, host_id)

    def keep(self, names: Collection[str]) -> None:
        """The forms of these workflows are kept as they are while another one is shown; all others are let go."""
        self._pages.keep(names, self.session.workflow.entry.name if self.session.workflow is not None else "")

    def renamed(self, old: str, new: str) -> None:
        """A workflow has another name now."""
        self.session.renamed(old, new)
        self.presets.shelf.renamed(old, new)
        self._pages.rename(old, new)

    def show_waiting(self) -> None:
        """It is not known yet which workflow will be open."""
        self.header.show_workflow("")
        self.bar.show_issues((), None)
        self._pages.show_loading()
        self.show_offer()

    def show_empty(self) -> None:
        """No workflow is open."""
        self.header.show_workflow(self.tr("Create"))
        self.bar.show_issues((), None)
        self._pages.show_empty()
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
        self.footer.show_offer(offer_of(self.session, self.sheet, self._when))

    def _connect(self) -> None:
        session, footer = self.session, self.footer
        session.opened.connect(self._opened)
        session.reshaped.connect(self._reshaped)
        session.left.connect(self._left)
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
        footer.more_seeds_requested.connect(self.edits.more_seeds)
        self.header.reset_requested.connect(self.edits.reset_all)
        for part in (self.edits, self.presets.shelf, self.comparing, self.copying):
            part.toast_requested.connect(self.toast_requested)
        self.edits.moved.connect(self._moved)
        self.defaults.toast_requested.connect(self.toast_requested)
        self.defaults.failed.connect(lambda problem: self.problem.show_problem(problem, self._dismiss()))

    def _opened(self, rebuilt: bool) -> None:
        workflow, state = self.session.workflow, self.session.state
        name = workflow.entry.name
        self.header.show_workflow(workflow.entry.title, is_open=True)
        self.problem.clear()
        if not self._pages.find(name, state):
            self.keyboard.leave()
            self._connect_sheet(self._pages.make(name, state, Path(self._engine.home.root) / "pasted"))
            self.keyboard.come_back()
        self._pages.show_sheet()
        self.sheet.set_host(self.session.host_id)
        self.keyboard.form_opened()
        self.keyboard.sheet_shown()
        self._show_issues()
        self._show_changed()

    def _connect_sheet(self, sheet: FormSheet) -> None:
        sheet.edited.connect(self._edited)
        sheet.mend_requested.connect(self.session.mend)
        sheet.look_again_requested.connect(self.session.look_again)
        sheet.validity_changed.connect(self.show_offer)
        sheet.reset_requested.connect(self.edits.reset)
        sheet.menu_requested.connect(self.arranging.open_menu)

    def _left(self, form: OpenForm) -> None:
        """Another workflow is about to be shown: this one waits, if a tab has it."""
        self.keyboard.sheet_left()
        self._pages.leave(form)

    def _reshaped(self) -> None:
        if self.sheet is not None:
            self.sheet.reshape()
            self._show_issues()
            self._show_changed()

    def _make_room(self) -> None:
        """In a low window the open list of the bar takes the place of the fields."""
        rest = self.height() - self.header.height() - self.footer.sizeHint().height() - self.bar.wanted_height
        self._pages.setVisible(not self.bar.is_open or rest >= LEAST_ROOM)

    def _open_failed(self, problem: Problem) -> None:
        self.problem.show_problem(problem, self._dismiss())
        if self.sheet is None:
            self._pages.show_empty()

    def _dismiss(self) -> tuple[str, Any]:
        return self.tr("Close"), self.problem.clear

    def _edited(self) -> None:
        self.keyboard.typed()
        self.session.edited()
        self.sheet.show_changed()
        self._show_changed()

    def _moved(self, keys: list[str]) -> None:
        """A step back or forth: what it changed is brought into sight."""
        self._show_changed()
        row = self.sheet.reveal(keys[0]) if keys and self.sheet is not None else None
        if row is not None:
            QTimer.singleShot(0, row, lambda: self.scroll.ensureWidgetVisible(row, 0, 60))

    def _values_changed(self, keys: list[str]) -> None:
        if self.sheet is not None:
            self.sheet.refresh(keys)
        self._show_changed()

    def _show_changed(self) -> None:
        changed = len(self.session.state.changed()) if self.session.state is not None else 0
        self.header.show_changed(changed)
        self.presets.form_changed()
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
