"""The versions of a workflow: when each was kept, what changed since, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.gui.context import Context
from comfydesk.gui.library.dialog import Dialog
from comfydesk.gui.library.differences import DifferencesModel, differences_view
from comfydesk.gui.library.rows import RowsModel, TwoLines, rows_view
from comfydesk.gui.library.words import size_text, translate, when
from comfydesk.gui.widgets.labels import counted, label
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton
from comfydesk.gui.widgets.segmented import SegmentedControl
from comfydesk.library.model import Version, WorkflowEntry

NOW, PREVIOUS = "now", "previous"


class VersionsDialog(Dialog):
    """`toast_requested(text, action, callback)` after a restore."""

    toast_requested = Signal(str, str, object)

    def __init__(self, context: Context, parent: QWidget, engine: Any, entry: WorkflowEntry) -> None:
        super().__init__(context, parent, translate("Library", "Versions of “{title}”").format(title=entry.title[:120]))
        self._engine, self._entry = engine, entry
        self._versions: Sequence[Version] = ()
        self._serial = 0
        self.resize(900, 540)
        self.list = RowsModel(self)
        self.differences = DifferencesModel(self)
        self.view = rows_view(context, self.list, self.tr("Versions"))
        self.view.setFixedWidth(236)
        self.view.selectionModel().currentChanged.connect(lambda new, _old: self._compare(new))
        self.against = SegmentedControl(
            [
                (NOW, self.tr("with now"), self.tr("What going back would change")),
                (PREVIOUS, self.tr("with the one before"), self.tr("What changed when it was kept")),
            ]
        )
        self.against.setAccessibleName(self.tr("Compare"))
        self.against.value_changed.connect(lambda _value: self._compare(self.view.currentIndex()))
        self.said = label("", "muted")
        self.pages = QStackedWidget()
        self.table = differences_view(self.differences, self.tr("What is different"))
        self._wait = Skeleton(context.theme, "rows")
        self._same = Placeholder(context.icons, "good", "")
        for page in (self._wait, self.table, self._same):
            self.pages.addWidget(page)
        self.body.addWidget(self._columns(), 1)
        self.add_button(self.tr("Close"), self.reject)
        self.restore = self.add_button(self.tr("Go back to this version"), self._restore, "primary")
        self.restore.setEnabled(False)
        self._run("workflow_versions", entry.name, then=self._show)

    def _columns(self) -> QWidget:
        card = QFrame()
        card.setProperty("kind", "card")
        row = QHBoxLayout(card)
        row.setContentsMargins(6, 6, 6, 6)
        row.setSpacing(6)
        row.addWidget(self.view)
        line = QFrame()
        line.setProperty("kind", "vline")
        row.addWidget(line)
        right = QVBoxLayout()
        right.setContentsMargins(8, 4, 4, 4)
        right.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(label(self.tr("Compare"), "field"))
        top.addWidget(self.against)
        top.addWidget(self.said, 1)
        right.addLayout(top)
        right.addWidget(self.pages, 1)
        row.addLayout(right, 1)
        return card

    # ----------------------------------------------------------------------------------------------------------------

    def _show(self, versions: Sequence[Version]) -> None:
        """The newest first; the one before it is looked at first, since that is what one goes back to."""
        self._versions = versions
        self.list.show([self._row(version) for version in versions])
        if versions:
            self.view.setCurrentIndex(self.list.index(min(1, len(versions) - 1)))
            self.view.setFocus()
        else:
            self._say_same(self.tr("No version is kept yet"), self.tr("Each change of the file is kept from now on."))

    def _row(self, version: Version) -> TwoLines:
        why = {
            "first": self.tr("Added"),
            "saved": self.tr("Saved here"),
            "outside": self.tr("Changed outside"),
            "restored": self.tr("Gone back"),
        }.get(version.why, version.why)
        mark = self.tr("now") if version.is_current else ""
        return TwoLines(when(version.saved_at), f"{why} · {size_text(version.size)}", "", mark, item=version)

    def _compare(self, index: QModelIndex) -> None:
        """Show what a version has else: than now, or than the one before it."""
        if not index.isValid() or index.row() >= len(self._versions):
            return
        version = self._versions[index.row()]
        self.restore.setEnabled(not version.is_current)
        self.problem.clear()
        self._serial += 1
        serial = self._serial
        before = self._versions[index.row() + 1] if index.row() + 1 < len(self._versions) else None
        if self.against.value == PREVIOUS and before is None:
            self._say_same(self.tr("This is the first version"))
            return
        if self.against.value == NOW and version.is_current:
            self._say_same(self.tr("This is the version that is open"), self.tr("Choose another one to compare."))
            return
        old, new = (
            (before.version_id, version.version_id)
            if self.against.value == PREVIOUS and before
            else (
                version.version_id,
                None,
            )
        )

        def arrived(found: Sequence[Any]) -> None:
            if serial == self._serial:
                self._show_differences(found)

        def failed(problem: Problem) -> None:
            if serial == self._serial:
                self.pages.setCurrentWidget(self._same)
                self._same.set_quiet(True)
                self._fail(problem)

        heads = (self.tr("Before"), self.tr("After"))
        if self.against.value == NOW:
            heads = (self.tr("In this version"), self.tr("Now"))
        self.differences.set_heads(*heads)
        self.pages.setCurrentWidget(self._wait)
        self._run("compare_versions", self._entry.name, old, new, then=arrived, failed=failed)

    def _show_differences(self, found: Sequence[Any]) -> None:
        if not found:
            self._say_same(self.tr("Nothing is different"), self.tr("Only the file's form changed, not what it makes."))
            return
        self.differences.show(found)
        self.said.setText(counted(len(found), self.tr("{n} difference"), self.tr("{n} differences")))
        self.pages.setCurrentWidget(self.table)

    def _say_same(self, title: str, text: str = "") -> None:
        self.said.clear()
        self._same.set_quiet(False)
        self._same.say(title, text)
        self.pages.setCurrentWidget(self._same)

    def _restore(self) -> None:
        index = self.view.currentIndex()
        if not index.isValid():
            return
        version = self._versions[index.row()]
        current = next((v for v in self._versions if v.is_current), None)
        engine, name, bridge = self._engine, self._entry.name, self.context.bridge

        def done(_: object) -> None:
            text = self.tr("“{title}” is as it was {when}.").format(
                title=self._entry.title, when=when(version.saved_at)
            )
            undo = None
            if current is not None:
                undo = lambda: bridge.run(engine.restore_version, name, current.version_id)  # noqa: E731
            self.toast_requested.emit(text, self.tr("Undo") if undo is not None else "", undo)
            self.accept()

        self.restore.setEnabled(False)
        self._run("restore_version", name, version.version_id, then=done)

    def _run(self, name: str, *args: Any, **options: Any) -> None:
        if self.context.bridge.is_attached:
            options.setdefault("failed", self._fail)
            self.context.bridge.run(getattr(self._engine, name), *args, **options)

    def _fail(self, problem: Problem) -> None:
        self.problem.show_problem(problem)
