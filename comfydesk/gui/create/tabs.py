"""Several workflows open at once: the list of tabs, the bar that shows it, and what it means for the form."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.create.tab_bar import WorkflowTabs
from comfydesk.gui.create.tab_list import TabList
from comfydesk.gui.form.panel import FormPanel
from comfydesk.gui.library.model import LibraryModel

SAVED = "create-tabs"  # kept beside the splitters


class OpenTabs(QObject):
    """`shown(name)`: this workflow is to be shown now. `emptied`: the last one is closed."""

    shown = Signal(str)

    def __init__(self, context: Context, form: FormPanel, library: LibraryModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._form, self._library = context, form, library
        self.list = TabList()
        self.bar = WorkflowTabs(context)
        self._known: set[str] = set()
        self._is_restored = False
        self.bar.chosen.connect(self.shown)
        self.bar.closed.connect(self.close)
        self.bar.others_closed.connect(self._close_others)
        self.bar.moved.connect(self._moved)
        form.session.open_failed.connect(lambda _problem: self._failed())
        for keys, by in (("Ctrl+Tab", 1), ("Ctrl+PgDown", 1), ("Ctrl+Shift+Tab", -1), ("Ctrl+PgUp", -1)):
            QShortcut(QKeySequence(keys), parent).activated.connect(lambda by=by: self.step(by))

    def open(self, name: str, *, new: bool = False) -> None:
        """A workflow is opened: in its tab, the current one, or a new one."""
        self.list.open(name, new=new)
        self._show()

    def close(self, name: str) -> None:
        """Close a tab, if it is not the only one; what was typed is kept beside its workflow."""
        if len(self.list.names) < 2 or name not in self.list.names:
            return
        was_current = name == self.list.current
        now = self.list.close(name)
        if was_current:
            self.shown.emit(now)  # first: the form that is left saves what was typed
        self._show()

    def close_current(self) -> bool:
        """Ctrl+W: close the tab that is shown. False where it is the only one."""
        if len(self.list.names) < 2:
            return False
        self.close(self.list.current)
        return True

    def step(self, by: int) -> None:
        """Show the tab beside the current one."""
        if len(self.list.names) > 1:
            self.shown.emit(self.list.step(by))

    def renamed(self, old: str, new: str) -> None:
        """A workflow has another name now."""
        self.list.rename(old, new)
        self._form.renamed(old, new)
        self._show()

    def clear(self) -> None:
        """The engine leaves: another home has other tabs."""
        self.list = TabList()
        self._known, self._is_restored = set(), False
        self._form.keep(())
        self.bar.show_tabs([], "", {})

    def library_loaded(self) -> bool:
        """The tabs of the last time come back, those of workflows that are gone go. Whether the current one went."""
        names = {entry.name for entry in self._library.entries}
        if not self._is_restored and names:
            self._is_restored = True
            saved = self._context.settings.splitter(SAVED).split("\n")
            opened, current = self.list.names, self.list.current
            self.list.restore([*(name for name in saved if name in names), *opened], current)
        gone = self._known - names
        self._known = names
        has_gone = self.list.current in gone
        for name in gone:
            self.list.close(name)
        self._show()
        return has_gone

    def _close_others(self, name: str) -> None:
        if name in self.list.names:
            self.list.names = [name]
            if self.list.current != name:
                self.shown.emit(name)
            self._show()

    def _moved(self, from_: int, to: int) -> None:
        self.list.move(from_, to)
        self._save()

    def _failed(self) -> None:
        workflow = self._form.session.workflow
        self.list.fail(self.list.current, workflow.entry.name if workflow is not None else "")
        self._show()

    def _show(self) -> None:
        titles = {entry.name: entry.title for entry in self._library.entries}
        self._form.keep(tuple(self.list.names))
        self.bar.show_tabs(self.list.names, self.list.current, titles)
        self._save()

    def _save(self) -> None:
        if self._is_restored:
            self._context.settings.set_splitter(SAVED, "\n".join(self.list.names))
