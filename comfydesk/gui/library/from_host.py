"""What the host has: the workflows saved there, and its templates. Choosing one copies it into the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QLocale, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.library.dialog import Dialog
from comfydesk.gui.library.host_rows import template_rows, workflow_rows
from comfydesk.gui.library.rows import ROW_ROLE, RowsModel, TwoLines, rows_view
from comfydesk.gui.library.words import translate
from comfydesk.gui.widgets.combo import SearchableCombo
from comfydesk.gui.widgets.labels import counted, label
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton
from comfydesk.gui.widgets.plain_line import PlainLine
from comfydesk.gui.widgets.segmented import SegmentedControl

WORKFLOWS, TEMPLATES = "workflows", "templates"
_TYPING_MS = 60
_THUMB = 56


class HostDialog(Dialog):
    """`added(WorkflowEntry)`: one was copied into the library."""

    added = Signal(object)

    def __init__(self, context: Context, parent: QWidget, engine: Any, tab: str = WORKFLOWS) -> None:
        super().__init__(context, parent, translate("Library", "From the host"))
        self._engine = engine
        self._host: Any = None
        self._lists: dict[str, Sequence[Any]] = {}
        self._reason: Problem | None = None
        self._users: Sequence[Any] = ()
        self.resize(780, 600)
        self.tab = SegmentedControl([(WORKFLOWS, self.tr("Saved workflows")), (TEMPLATES, self.tr("Templates"))], tab)
        self.tab.setAccessibleName(self.tr("What the host has"))
        self.search = PlainLine()
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(context.icons.icon("search", "muted"), PlainLine.ActionPosition.LeadingPosition)
        self.user = SearchableCombo()
        self.user.setAccessibleName(self.tr("Whose workflows"))
        self.user.setFixedWidth(180)
        self.user.hide()
        self.count = label("", "muted")
        self.models = {WORKFLOWS: RowsModel(self), TEMPLATES: RowsModel(self)}
        self.models[TEMPLATES].ask_picture = self._ask_picture
        self.views = {
            WORKFLOWS: rows_view(context, self.models[WORKFLOWS], self.tr("Workflows on the host")),
            TEMPLATES: rows_view(context, self.models[TEMPLATES], self.tr("Templates"), height=76, thumb=_THUMB),
        }
        self._lay_out()
        self.add_button(self.tr("Cancel"), self.reject)
        self.open_button = self.add_button(self.tr("Add and open"), self._open, "primary")
        self.open_button.setEnabled(False)
        self._connect()
        self._wait()
        self._run("default_host", then=self._have_host)
        self.search.setFocus()

    def _lay_out(self) -> None:
        context = self.context
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.tab)
        top.addWidget(self.user)
        top.addWidget(self.search, 1)
        self.body.addLayout(top)
        self._loading = Skeleton(context.theme, "rows")
        self.nothing = Placeholder(context.icons, "hosts", "")
        self.pages = QStackedWidget()
        for page in (self._loading, self.nothing, *self.views.values()):
            self.pages.addWidget(page)
        card = QFrame()
        card.setProperty("kind", "card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(4, 4, 4, 4)
        inner.addWidget(self.pages)
        self.body.addWidget(card, 1)
        self.foot.insertWidget(0, self.count)

    def _connect(self) -> None:
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._refresh)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.installEventFilter(self)
        self.tab.value_changed.connect(lambda _tab: self._look())
        self.user.value_changed.connect(self._choose_user)
        for view in self.views.values():
            view.doubleClicked.connect(lambda _index: self._open())
            view.selectionModel().currentChanged.connect(self._on_current)

    # what the host says

    def _have_host(self, host: Any) -> None:
        self._host = host
        if host is None:
            self._say(self.tr("No host is chosen"), self.tr("Add a ComfyUI host on the Hosts page first."))
            return
        self.heading.setText(self.tr("From {host}").format(host=host.name or host.url))
        self._look()

    def _look(self) -> None:
        """Ask for what the tab shows, once."""
        tab = self.tab.value
        self.problem.clear()
        self.user.setVisible(tab == WORKFLOWS and len(self._users) > 1)
        if self._host is None:
            return
        if tab in self._lists:
            self._refresh()
            return
        self._wait()
        if tab == WORKFLOWS:
            self._run("host_workflows", self._host.host_id, then=lambda found: self._have(WORKFLOWS, found))
        else:
            language = QLocale().name().partition("_")[0]
            self._run("host_templates", self._host.host_id, language, then=self._have_templates)

    def _have_templates(self, found: Any) -> None:
        self._reason = found.reason
        self._have(TEMPLATES, found.items)

    def _have(self, tab: str, items: Sequence[Any]) -> None:
        self._lists[tab] = items
        if tab == self.tab.value:
            self._refresh()

    def _fail(self, problem: Problem) -> None:
        if problem.code == "remote_user" and not self._users:
            self._run("host_users", self._host.host_id, then=self._have_users)
            return
        self.nothing.set_quiet(True)
        self.pages.setCurrentWidget(self.nothing)
        self.problem.show_problem(problem, (self.tr("Try again"), self._again))

    def _again(self) -> None:
        self._lists.pop(self.tab.value, None)
        self._look()

    def _have_users(self, users: Sequence[Any]) -> None:
        """The server keeps workflows of several people: whose?"""
        self._users = users
        self.user.set_choices([user.name for user in users])
        self.user.setVisible(self.tab.value == WORKFLOWS)
        self._say(self.tr("Whose workflows?"), self.tr("This host keeps those of several people: choose yours above."))
        self.user.set_value(self.tr("Choose a user"))

    def _choose_user(self, name: Any) -> None:
        chosen = next((user for user in self._users if user.name == name), None)
        if chosen is not None:
            self._wait()
            self._run("set_host_user", self._host.host_id, chosen.user_id, then=lambda _: self._again())

    # what is shown

    def _wait(self) -> None:
        self.count.clear()
        self.open_button.setEnabled(False)
        self.pages.setCurrentWidget(self._loading)

    def _say(self, title: str, text: str = "") -> None:
        self.count.clear()
        self.open_button.setEnabled(False)
        self.nothing.set_quiet(False)
        self.nothing.say(title, text)
        self.pages.setCurrentWidget(self.nothing)

    def _refresh(self) -> None:
        tab, query = self.tab.value, self.search.text().strip()
        items = self._lists.get(tab)
        if items is None:
            return
        rows = workflow_rows(items, query) if tab == WORKFLOWS else template_rows(items, query)
        self.models[tab].show(rows)
        if not rows:
            self._say(*self._why_none(tab, query))
            return
        view = self.views[tab]
        self.pages.setCurrentWidget(view)
        view.scrollToTop()
        if query:  # Enter opens the best
            first = next(place for place, row in enumerate(rows) if row.item is not None)
            view.setCurrentIndex(self.models[tab].index(first))
        self._on_current(view.currentIndex())
        found = sum(row.item is not None for row in rows)
        self.count.setText(counted(found, self.tr("{n} workflow"), self.tr("{n} workflows")))

    def _why_none(self, tab: str, query: str) -> tuple[str, str]:
        if query:
            return self.tr("Nothing found"), self.tr("Fewer or other words may find more.")
        if tab == WORKFLOWS:
            return self.tr("Nothing is saved there yet"), self.tr("What you save in ComfyUI’s page is listed here.")
        if self._reason is not None:
            return words.says(self._reason)
        return self.tr("This host has no templates"), ""

    def _on_current(self, index: QModelIndex, _old: QModelIndex | None = None) -> None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        self.open_button.setEnabled(row is not None and row.item is not None)

    def _ask_picture(self, row: TwoLines) -> None:
        if not row.item.thumbnail_url or not self.context.bridge.is_attached:
            return

        def have(data: bytes) -> None:
            side = 2 * _THUMB
            self.context.bridge.picture(
                data, QSize(2 * side, 2 * side), lambda image: self._set_picture(row.face, QPixmap.fromImage(image))
            )

        # A template without its picture keeps its landscape: nothing to say.
        self._run("template_thumbnail", self._host.host_id, row.item, then=have, failed=lambda _problem: None)

    def _set_picture(self, face: str, picture: QPixmap) -> None:
        if not picture.isNull():
            self.models[TEMPLATES].set_picture(face, picture)

    # what is chosen

    def _open(self) -> None:
        tab = self.tab.value
        row = self.views[tab].currentIndex().data(ROW_ROLE)
        if row is None or row.item is None or self._host is None:
            return
        self.open_button.setEnabled(False)
        self.setCursor(Qt.CursorShape.BusyCursor)
        if tab == WORKFLOWS:
            self._run(
                "open_host_workflow", self._host.host_id, row.item.path, then=self._opened, failed=self._not_opened
            )
        else:
            self._run("open_template", self._host.host_id, row.item, then=self._opened, failed=self._not_opened)

    def _opened(self, entry: Any) -> None:
        self.accept()
        self.added.emit(entry)

    def _not_opened(self, problem: Problem) -> None:
        self.unsetCursor()
        self.open_button.setEnabled(True)
        self.problem.show_problem(problem)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the search to the list."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            view = self.pages.currentWidget()
            if event.key() == Qt.Key.Key_Down and view in self.views.values():
                view.setFocus(Qt.FocusReason.ShortcutFocusReason)
                if not view.currentIndex().isValid():
                    model = self.models[self.tab.value]
                    first = next(place for place, row in enumerate(model.rows) if row.item is not None)
                    view.setCurrentIndex(model.index(first))
                return True
        return False

    def _run(self, name: str, *args: Any, **options: Any) -> None:
        if not self.context.bridge.is_attached:
            return
        then, failed = options.pop("then"), options.pop("failed", self._fail)
        alive = self._while_open
        self.context.bridge.run(getattr(self._engine, name), *args, then=alive(then), failed=alive(failed))

    def _while_open(self, act: Any) -> Any:
        """An answer that comes after the dialog was closed is for nobody."""
        from shiboken6 import isValid

        return lambda result: act(result) if isValid(self) and self.isVisible() else None
