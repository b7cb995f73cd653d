"""Where the keyboard goes in the form: to the prompt at first, and back to its field when the form is made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from comfydesk.form.fields import Role

if TYPE_CHECKING:
    from comfydesk.gui.form.panel import FormPanel


class Keyboard:
    """The focus of one form panel."""

    def __init__(self, panel: FormPanel) -> None:
        self._panel = panel
        self._begins = False
        self._begins_in = ""  # the workflow whose form is waited for
        self._left: tuple[str, int] = ("", 0)
        self._was_in_sheet = False

    def begin(self) -> None:
        """Put it into the prompt, all of it selected, now or when a form is there: a new user writes over it."""
        self._begins, self._begins_in = True, ""
        self.form_opened()

    def typed(self) -> None:
        """Somebody writes already: nothing is selected any more."""
        self._begins = False

    def leave(self) -> None:
        """The form is about to be made anew: remember where the keyboard and the scroll bar are."""
        self._left = self._focused(), self._panel.scroll.verticalScrollBar().value()

    def come_back(self) -> None:
        """The new form is there."""
        key, place = self._left
        sheet = self._panel.sheet
        if sheet is not None and key in sheet.rows:
            QTimer.singleShot(0, sheet, lambda: self._return_to(key, place))

    def sheet_left(self) -> None:
        """Another workflow takes the place of this one: who writes goes on writing there."""
        sheet, focus = self._panel.sheet, QApplication.focusWidget()
        self._was_in_sheet = sheet is not None and focus is not None and sheet.isAncestorOf(focus)

    def sheet_shown(self) -> None:
        """To the field where it was when this workflow was left, else to the prompt."""
        was, self._was_in_sheet = self._was_in_sheet, False
        sheet = self._panel.sheet
        if was and sheet is not None:
            last = sheet.focusWidget()
            if last is not None and last is not sheet:
                last.setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self.write_on()

    def form_opened(self) -> None:
        """A form is shown: begin, if that was asked for; take what lies nowhere in particular."""
        workflow, key = self._panel.session.workflow, self._prompt()
        if self._begins and workflow is not None:
            name, self._begins_in = self._begins_in, workflow.entry.name
            if name not in ("", self._begins_in):
                self._begins = False  # somebody chose another one meanwhile: the keyboard is theirs
                return
            self._begins = workflow.specs_from != "host"  # the form is made anew when the host answers
            if key:
                self._panel.jump(key)
        elif self._panel.hasFocus():
            self.write_on()

    def write_on(self) -> None:
        """To the prompt, the cursor where it was left, at first behind the last word."""
        sheet, key = self._panel.sheet, self._prompt()
        if sheet is not None and key in sheet.rows:
            box = sheet.rows[key].editors[key].focus_widget()
            box.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(box, QPlainTextEdit) and box.textCursor().atStart():
                box.moveCursor(QTextCursor.MoveOperation.End)

    def _prompt(self) -> str:
        workflow = self._panel.session.workflow
        if workflow is None or self._panel.sheet is None:
            return ""
        form = workflow.form  # a prompt that a person hid, or put away, is not where they write
        return next((key for key in form.essentials if form.by_key[key].role == Role.PROMPT), "")

    def _focused(self) -> str:
        sheet = self._panel.sheet
        rows = {} if sheet is None else sheet.rows
        return next((key for key, row in rows.items() if row.editors[key].focus_widget().hasFocus()), "")

    def _return_to(self, key: str, place: int) -> None:
        sheet = self._panel.sheet
        if sheet is not None and key in sheet.rows:
            sheet.rows[key].editors[key].focus_widget().setFocus()
            self._panel.scroll.verticalScrollBar().setValue(place)
