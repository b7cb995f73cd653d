"""The pages in the middle of the form panel: nothing open, loading, and the sheets of the forms used last."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.form.sheet import FormSheet
from comfydesk.gui.form.state import FormState
from comfydesk.gui.form.steps import OpenForm
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton

KEPT = 4  # sheets with their widgets: about 3 MB each; more tabs than that are built anew when they are shown


class FormScroll(QScrollArea):
    """One sheet, and how far it is scrolled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet: FormSheet | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The bar takes the sheet's margin, not the fields' room: nothing moves when it comes.
        self.verticalScrollBar().rangeChanged.connect(lambda *_: self.fit_margin())

    def fill(self, state: FormState, context: Context, pasted: Path) -> FormSheet:
        """Make the sheet, when this has its place: to move finished widgets into a window costs as much as to make
        them."""
        sheet = self.sheet = FormSheet(state, context, pasted, self.viewport())
        self.setWidget(sheet)
        sheet.setAutoFillBackground(False)  # the panel's colour shows, not the window's
        self.fit_margin()  # the bar may stay as it is: then it tells nothing
        return sheet

    def fit_margin(self) -> None:
        if self.sheet is not None:
            bar = self.verticalScrollBar()
            self.sheet.set_right_margin(bar.sizeHint().width() if bar.maximum() > bar.minimum() else 0)


class SheetStack(QStackedWidget):
    """`scroll` and `sheet` are those of the open form; the others wait in the order in which they were used.

    What was typed waits for every workflow that `keep` names, widgets for the newest of them only.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._kept: dict[str, FormScroll] = {}  # by workflow, the newest last
        self._wanted: Collection[str] = ()
        self._waiting: dict[str, OpenForm] = {}
        self._name = ""
        self._nothing = FormScroll()
        self._empty = Placeholder(
            context.icons,
            "workflow",
            self.tr("Choose a workflow"),
            self.tr("Pick one on the left, or drop a workflow here, or a picture or video that carries one."),
        )
        self._loading = Skeleton(context.theme, "form")
        for page in (self._empty, self._loading, self._nothing):
            self.addWidget(page)

    @property
    def scroll(self) -> FormScroll:
        return self._kept.get(self._name, self._nothing)

    @property
    def sheet(self) -> FormSheet | None:
        return self.scroll.sheet

    def show_empty(self) -> None:
        self.setCurrentWidget(self._empty)

    def show_loading(self) -> None:
        self.setCurrentWidget(self._loading)

    def show_sheet(self) -> None:
        self.setCurrentWidget(self.scroll)

    def find(self, name: str, state: FormState) -> bool:
        """Make the kept sheet of that workflow the open one; False where there is none of this state."""
        found = self._kept.get(name)
        if found is None or found.sheet is None or found.sheet.state is not state:
            return False
        self._kept[name] = self._kept.pop(name)
        self._name = name
        return True

    def make(self, name: str, state: FormState, pasted: Path) -> FormSheet:
        """A new sheet, in place of the one that the workflow had."""
        self.drop([name])
        scroll = self._kept[name] = FormScroll()
        self._name = name
        self.addWidget(scroll)
        self.drop(list(self._kept)[:-KEPT])
        return scroll.fill(state, self._context, pasted)

    def leave(self, form: OpenForm) -> None:
        """Another workflow takes the place of this one: it waits, if it is among those that are kept."""
        name = form.workflow.entry.name
        if name in self._wanted:
            self._waiting[name] = form
        else:
            self.drop([name])

    def take(self, name: str) -> OpenForm | None:
        """What was left of a workflow, None where nothing waits."""
        return self._waiting.pop(name, None)

    def keep(self, names: Collection[str], shown: str = "") -> None:
        """Keep the forms of these workflows, and the one that is shown; let go of all others."""
        self._wanted = names
        self._waiting = {name: form for name, form in self._waiting.items() if name in names}
        self.drop([name for name in self._kept if name not in names and name != shown])

    def rename(self, old: str, new: str) -> None:
        """A workflow has another name now."""
        if old in self._kept:
            self._kept = {new if name == old else name: page for name, page in self._kept.items()}
            self._name = new if self._name == old else self._name
        if old in self._waiting:
            self._waiting[new] = self._waiting.pop(old).renamed(new)

    def drop(self, names: Collection[str]) -> None:
        """Let go of the widgets of these workflows."""
        for name in names:
            page = self._kept.pop(name, None)
            if page is not None:
                self.removeWidget(page)
                page.deleteLater()

    def __iter__(self) -> Iterator[FormSheet]:
        """All sheets that are made."""
        return (page.sheet for page in self._kept.values() if page.sheet is not None)
