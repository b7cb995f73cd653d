"""Finding, arranging and hiding fields in the form panel: its menu entry, its keys, the menu of a field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMenu

from comfydesk.base.errors import Problem
from comfydesk.form.find import is_worth_it
from comfydesk.gui.form.actions import FormAction, Section
from comfydesk.gui.form.profile.arranger import Arranger
from comfydesk.gui.form.profile.dialog import ArrangeDialog
from comfydesk.gui.form.profile.field_menu import FieldMenu
from comfydesk.gui.form.profile.find_bar import FindBar

if TYPE_CHECKING:
    from comfydesk.gui.form.panel import FormPanel


class FormArranging(QObject):
    """`bar` belongs above the fields; the panel shows each sheet's menus by `open_menu`."""

    def __init__(self, panel: FormPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._engine: Any = None
        self._name = ""  # of the open workflow
        self.dialog: ArrangeDialog | None = None
        self.arranger = Arranger(panel.session, self)
        self.arranger.failed.connect(self._failed)
        self.bar = FindBar(panel.context)
        self.bar.hide()
        self.bar.find_requested.connect(self._find)
        self.bar.jump_requested.connect(self._jump)
        self.menu = FieldMenu(panel.context, self.arranger, panel, self.arrange, self._said)
        panel.session.opened.connect(self._opened)
        panel.session.left.connect(lambda _form: self.bar.clear())
        panel.session.reshaped.connect(self._reshaped)
        panel.actions.add(
            Section.KEEP,
            FormAction(lambda: self.tr("Arrange the form…"), self.arrange, self._is_open, icon="edit"),
            FormAction(lambda: self.tr("Find a field"), self.begin, self._is_open, "Ctrl+F", "search"),
        )
        for keys, act in ((QKeySequence.StandardKey.Find, self.begin), (QKeySequence("Alt+Return"), self._menu_here)):
            shortcut = QShortcut(keys, panel)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.arranger.attach(engine)

    def detach(self) -> None:
        self._engine = None
        self.arranger.detach()
        if self.dialog is not None:
            self.dialog.close()

    def begin(self) -> None:
        """Look for a field, also in a form that is short enough to be read."""
        if self._is_open():
            self.bar.show()
            self.bar.begin()

    def arrange(self, key: str = "") -> None:
        """Open "Arrange the form" beside it, at a field."""
        if not self._is_open() or self._engine is None:
            return
        if self.dialog is None:
            dialog = self.dialog = ArrangeDialog(self._panel.context, self.arranger, self._engine, self._panel.window())
            dialog.finished.connect(self._closed)
            dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        if key:
            self.dialog.select(key)
        self.dialog.tree.setFocus()

    def open_menu(self, keys: Sequence[str], point: QPoint) -> QMenu | None:
        return self.menu.open(keys, point)

    def _menu_here(self) -> None:
        """The menu of the field that has the keyboard, below it."""
        sheet, now = self._panel.sheet, QApplication.focusWidget()
        rows = dict.fromkeys(sheet.rows.values()) if sheet is not None else {}
        row = next((row for row in rows if now is not None and row.isAncestorOf(now)), None)
        if row is not None and now is not None:
            self.open_menu(row.keys, now.mapToGlobal(now.rect().bottomLeft()))

    def _is_open(self) -> bool:
        return self._panel.sheet is not None and self.arranger.workflow is not None

    def _opened(self, _rebuilt: bool) -> None:
        name = self.arranger.workflow.entry.name if self.arranger.workflow is not None else ""
        if name != self._name:
            self._name = name
            self.bar.forget()
        self._show_bar()

    def _reshaped(self) -> None:
        self._show_bar()
        self.arranger.arranged.emit()

    def _show_bar(self) -> None:
        workflow = self.arranger.workflow
        self.bar.setVisible(workflow is not None and (is_worth_it(workflow.form) or bool(self.bar.line.text())))

    def _find(self, text: str) -> None:
        if self._panel.sheet is not None:
            found = self._panel.sheet.find(text)
            self.bar.say(None if found is None else len(found))
            self._panel.scroll.verticalScrollBar().setValue(0)

    def _jump(self, text: str) -> None:
        """To the first field that was found; all the others are shown again."""
        sheet = self._panel.sheet
        found = sheet.find(text) if sheet is not None else None
        if found:
            self.bar.clear()
            self._panel.jump(found[0])

    def _said(self, sentence: str) -> None:
        self._panel.toast_requested.emit(sentence, self.tr("Undo"), self.arranger.undo)

    def _failed(self, problem: Problem) -> None:
        line = self._panel.problem
        line.show_problem(problem, (self.tr("Close"), line.clear))

    def _closed(self) -> None:
        self.dialog = None
