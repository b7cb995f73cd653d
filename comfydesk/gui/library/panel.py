"""The workflows at the left: search, filter, list; what comes in is dropped, pasted or chosen here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QPixmap
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from comfydesk.base.changes import Change
from comfydesk.gui import drops
from comfydesk.gui.context import Context
from comfydesk.gui.drops import OWN_DRAG
from comfydesk.gui.library.commands import LibraryCommands
from comfydesk.gui.library.delegate import THUMB
from comfydesk.gui.library.dialogs import LibraryDialogs
from comfydesk.gui.library.filter_popup import FilterPopup
from comfydesk.gui.library.head import LibraryHead
from comfydesk.gui.library.incoming import Incoming
from comfydesk.gui.library.menus import LibraryMenus
from comfydesk.gui.library.model import LibraryModel
from comfydesk.gui.library.search import LibrarySearch
from comfydesk.gui.library.sections import Filter, Heading, Sections, Sort, Which, within
from comfydesk.gui.library.states import LibraryStates
from comfydesk.gui.library.view import LibraryView
from comfydesk.gui.library.words import section_words
from comfydesk.library.model import LibraryChanged, WorkflowEntry

FOLDED_WIDTH, MOST_WIDTH, WIDTH = 64, 420, 248
RELOAD_AFTER_MS, RELOAD_AT_LEAST_MS = 60, 2000  # a run of changes costs one look
RELOAD_REST = 4  # times as long as a look took, until the next one
FOLDED_SECTIONS, SORTED_BY = "library-folded", "library-sort"  # kept beside the splitters


class LibraryPanel(QFrame):
    """`workflow_chosen(name)`, `toast_requested(text, action, callback)`.

    `files_dropped(Drop or list of paths)`: for the window's intake. `loaded`: the list was read anew.
    `workflow_renamed(old name, new name)`. `tab_requested(name)`: open it beside what is open.
    """

    workflow_chosen = Signal(str)
    tab_requested = Signal(str)
    workflow_renamed = Signal(str, str)
    files_dropped = Signal(object)
    toast_requested = Signal(str, str, object)
    loaded = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setProperty("kind", "panel")
        self.setAcceptDrops(True)
        self.is_folded = False
        self.opened = ""
        self.shown = Filter()
        self.folders: list[str] = []
        self.tags: list[tuple[str, int]] = []
        self._engine: Any = None
        self._is_read = False
        self._found: Sequence[WorkflowEntry] | None = None
        self._popup: FilterPopup | None = None
        self._rename_next = self._select_next = ""
        self._asked_at = 0.0
        self._opens_first = False
        self.model = LibraryModel(self)
        self.model.ask_picture = self._ask_picture
        self._words = section_words()
        self._sections = Sections(self._words)
        self.commands = LibraryCommands(context, self)
        self.dialogs = LibraryDialogs(self)
        self.menus = LibraryMenus(self)
        self.incoming = Incoming(self, self._folder)
        self._search = LibrarySearch(context, self)
        self.head = LibraryHead(context)
        self.search = self.head.search
        self.view = LibraryView(context, self.model)
        self.states = LibraryStates(context, self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addWidget(self.states, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(RELOAD_AFTER_MS)
        self._soon.timeout.connect(self.reload)
        self._connect()
        self._show_filter()

    def _connect(self) -> None:
        head, view, commands = self.head, self.view, self.commands
        self.context.bridge.changed.connect(self._on_changes)
        QGuiApplication.instance().applicationStateChanged.connect(self._on_front)
        head.query_changed.connect(lambda _text: self._ask())
        head.open_first_requested.connect(self._open_first)
        head.list_wanted.connect(self._go_to_list)
        head.add_requested.connect(lambda: self.menus.add_menu().popup(_below(head.plus)))
        head.sort_requested.connect(lambda: self.menus.sort_menu(self.sort).popup(_below(head.sort)))
        head.filter_requested.connect(self.choose_filter)
        head.fold_requested.connect(self._fold_by_hand)
        view.opened.connect(lambda entry: self.open(entry.name))
        view.opened_aside.connect(lambda entry: self.tab_requested.emit(entry.name))
        view.favourite_toggled.connect(lambda entry: commands.favourite([entry], not entry.favourite))
        view.delete_requested.connect(lambda: commands.remove(view.selected()))
        view.duplicate_requested.connect(lambda: [commands.duplicate(entry) for entry in view.selected()[:1]])
        view.copy_requested.connect(lambda: [commands.copy(entry) for entry in view.selected()[:1]])
        view.menu_requested.connect(self._show_menu)
        view.heading_clicked.connect(self._fold_section)
        view.moved_to.connect(self._on_moved_to)
        view.dropped.connect(self.incoming.drop)
        self.model.rename_requested.connect(commands.rename)
        commands.toast_requested.connect(self.toast_requested)
        commands.renamed.connect(self._on_renamed)
        commands.made.connect(self._on_made)
        self._search.found.connect(self._on_found)
        self.states.add_requested.connect(self.incoming.choose_files)
        self.incoming.brought.connect(self.files_dropped)
        self.incoming.toast_requested.connect(self.toast_requested)
        self.states.all_requested.connect(self.show_all)

    # -- engine ------------------------------------------------------------------------------------------------------

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.commands.attach(engine)
        self._search.attach(engine)
        self.reload()

    def detach(self) -> None:
        self._engine, self._is_read = None, False
        self.commands.detach()
        self._search.detach()
        self.dialogs.close()
        self._soon.stop()
        self.model.entries, self.folders, self.tags, self._found = (), [], [], None
        self.model.show([])
        self.model.forget_pictures()
        self.states.show_loading()

    def reload(self) -> None:
        """Read the library again."""
        self._soon.stop()
        if self._engine is not None:
            self._asked_at = time.monotonic()
            self.context.bridge.run(_read, self._engine, then=self._take)

    def _take(self, read: tuple[list[WorkflowEntry], list[str], list[tuple[str, int]]]) -> None:
        # While thousands of files are read for the first time, news come all the time: most of it stays theirs.
        took = (time.monotonic() - self._asked_at) * 1000
        self._soon.setInterval(min(RELOAD_AT_LEAST_MS, max(RELOAD_AFTER_MS, round(RELOAD_REST * took))))
        if self.view.is_renaming:  # a reset would throw away what is being typed
            self._soon.start()
            return
        self._is_read = True
        self.model.entries, self.folders, self.tags = read
        if self.shown.which is Which.FOLDER and self.shown.value not in self.folders:
            self.shown = Filter()
            self._show_filter()
        if self.head.query:
            self._ask()
        self._refresh()
        self.loaded.emit()
        if self._rename_next and self.model.row_of(self._rename_next) >= 0:
            name, self._rename_next = self._rename_next, ""
            self.view.select([name])
            self.view.rename(name)

    # -- what is shown -----------------------------------------------------------------------------------------------

    @property
    def sort(self) -> Sort:
        kept = self.context.settings.splitter(SORTED_BY)
        return Sort(kept) if kept in set(Sort) else Sort.NAME

    def set_sort(self, sort: Sort) -> None:
        self.context.settings.set_splitter(SORTED_BY, str(sort))
        self._ask()

    def set_filter(self, shown: Filter) -> None:
        """Narrow the list, or show all again."""
        self.shown = shown
        self._show_filter()
        self._ask()
        self.view.verticalScrollBar().setValue(0)

    def show_all(self) -> None:
        """No search and no filter."""
        self.search.clear()
        self.head.ask()
        self.set_filter(Filter())

    def choose_filter(self) -> None:
        """Open the choices of the filter."""
        if self._popup is not None:
            return
        popup = self._popup = FilterPopup(self.context, self.head.filter)
        words = {which: self._words[str(which)] for which in (Which.ALL, Which.FAVOURITES, Which.RECENT)}
        popup.fill(self.model.entries, self.folders, self.tags, words, self.shown)
        popup.chosen.connect(self.set_filter)
        popup.host_requested.connect(lambda: self.dialogs.from_host("workflows"))
        popup.closed.connect(self._popup_closed)
        popup.open_below(self.head.filter)

    def _popup_closed(self) -> None:
        if self._popup is not None:
            self._popup.deleteLater()
            self._popup = None

    def _show_filter(self) -> None:
        word = self.shown.value.replace("/", " / ") or self._words[str(self.shown.which)]
        self.head.filter.show_filter(self.shown, word)

    def _ask(self) -> None:
        """Another question: the engine answers searches, the rest is at hand."""
        self._found = None if not self.head.query else self._found
        self._search.ask(self.head.query, self.shown, self.sort)
        if not self.head.query:
            self._refresh()

    def _on_found(self, entries: Sequence[WorkflowEntry]) -> None:
        if self.head.query:
            self._found = [entry for entry in entries if self.shown.holds(entry)]
            self._refresh()
            self.view.verticalScrollBar().setValue(0)
            if self._opens_first:
                self._open_first()

    def _refresh(self) -> None:
        """Show the rows of what is known now; what was selected and looked at stays so."""
        if self._engine is None or not self._is_read:  # "no workflows yet" is not known before
            return
        found, query, shown = self._found, self.head.query, self.shown
        if self.is_folded:  # nobody would see what the list is narrowed to
            found, query, shown = None, "", Filter()
        if found is not None:
            rows = self._sections.found(found)
        else:
            rows = self._sections.rows(self.model.entries, shown, self.sort, self.folders, self._folded_sections())
        self.view.delegate.with_folders = found is not None or self.sort is not Sort.NAME
        self.view.lay_out_in_parts(found is not None)
        chosen, top = [entry.name for entry in self.view.selected()], self.view.verticalScrollBar().value()
        if self.model.show(rows):
            self.view.verticalScrollBar().setValue(top)
            chosen = [name for name in chosen if self.model.row_of(name) >= 0]
            if self._select_next and self.model.row_of(self._select_next) >= 0:
                chosen, self._select_next = [self._select_next], ""
            self.view.select(chosen or [self.opened])
        has_own = any(not entry.is_starter for entry in self.model.entries)
        holds = shown.which is Which.ALL or any(isinstance(row, WorkflowEntry) or row.can_fold for row in rows)
        self.states.show_for(len(rows) if holds else 0, query, shown, has_own=has_own)

    def choose(self, name: str) -> None:
        """Mark a workflow as the open one."""
        if name != self.opened:
            self.opened = self.view.delegate.opened = name
            self._select_next = "" if self.model.row_of(name) >= 0 else name  # it was added a moment ago
            self.view.select([name])
            self.view.viewport().update()

    def _folded_sections(self) -> set[str]:
        return set(self.context.settings.splitter(FOLDED_SECTIONS).split("\n")) - {""}

    def _fold_section(self, heading: Heading) -> None:
        if heading.can_fold:
            keys = self._folded_sections() ^ {heading.key}
            self.context.settings.set_splitter(FOLDED_SECTIONS, "\n".join(sorted(keys)))
            self._refresh()

    # -- opening and keys --------------------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Open a workflow in the form."""
        self.workflow_chosen.emit(name)

    def _open_first(self) -> None:
        self._opens_first = self._search.is_asking  # what was typed last is still being looked for
        if self._opens_first:
            return
        for row in range(self.model.rowCount()):
            entry = self.model.entry(row)
            if entry is not None:
                self.open(entry.name)
                return

    def _go_to_list(self) -> None:
        if self.model.rowCount():
            if self.view.current() is None:
                self.view.select([row.name for row in self.model.rows if isinstance(row, WorkflowEntry)][:1])
            self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_menu(self, row: int, place: Any) -> None:
        entry, heading = self.model.entry(row), self.model.heading(row)
        if entry is not None:
            chosen = self.view.selected()
            self.menus.of(chosen if entry in chosen else [entry]).popup(place)
        elif heading is None:
            self.menus.add_menu().popup(place)
        elif (made := self.menus.of_folder(heading)) is not None:
            made.popup(place)

    # -- changes -----------------------------------------------------------------------------------------------------

    def _on_renamed(self, old: str, new: str) -> None:
        self.workflow_renamed.emit(old, new)
        if old == self.opened:  # under its new name, before the list says that the old one is gone
            self.open(new)

    def _on_made(self, entry: WorkflowEntry) -> None:
        """A copy: its name is edited as soon as it is in the list."""
        self._rename_next = entry.name
        self._soon.start()

    def _on_moved_to(self, names: Sequence[str], folder: str) -> None:
        known = {entry.name: entry for entry in self.model.entries}
        moving = [n for n in names if n in known and not known[n].is_starter and known[n].folder != folder]
        self.commands.move(moving, folder)

    def remove_folder(self, folder: str) -> None:
        """Take a folder away; asks first where workflows are in it."""
        inside = [e for e in self.model.entries if not e.is_starter and within(e.folder, folder)]
        if inside:
            self.dialogs.ask_remove_folder(folder, len(inside))
        else:
            self.commands.remove_folder(folder)

    def _on_changes(self, changes: list[Change]) -> None:
        is_changed = any(isinstance(change, LibraryChanged) for change in changes)
        if is_changed and self._engine is not None and not self._soon.isActive():
            self._soon.start()

    def _on_front(self, state: Qt.ApplicationState) -> None:
        """Not every disk tells of changes: look when the window comes to the front."""
        if self._engine is not None and state == Qt.ApplicationState.ApplicationActive:
            self.context.bridge.run(self._engine.refresh_library)

    def _ask_picture(self, entry: WorkflowEntry) -> None:
        if self.context.bridge.is_attached:
            side = round(2 * THUMB * self.devicePixelRatioF())
            self.context.bridge.picture(
                entry.thumbnail,
                QSize(2 * side, 2 * side),
                lambda image: self.model.set_picture(entry, QPixmap.fromImage(image)),
            )

    # -- room --------------------------------------------------------------------------------------------------------

    def set_folded(self, folded: bool) -> None:
        """Only the pictures, or the whole list."""
        self.is_folded = folded
        self.head.set_folded(folded)
        self.states.set_folded(folded)
        self.view.delegate.is_folded = folded
        self._refresh()
        self.view.scheduleDelayedItemsLayout()

    def _fold_by_hand(self, folded: bool) -> None:
        self.set_folded(folded)
        self.setMinimumWidth(FOLDED_WIDTH if folded else WIDTH)
        self.setMaximumWidth(FOLDED_WIDTH if folded else MOST_WIDTH)
        if not folded:
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _folder(self) -> str:
        """Where new things go: the folder that is shown."""
        return self.shown.value if self.shown.which is Which.FOLDER else ""

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(OWN_DRAG) or drops.can_take(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.setAccepted(not event.mimeData().hasFormat(OWN_DRAG))

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.incoming.drop(event.mimeData(), None)


async def _read(engine: Any) -> tuple[list[WorkflowEntry], list[str], list[tuple[str, int]]]:
    return await engine.workflows(), await engine.workflow_folders(), await engine.workflow_tags()


def _below(widget: QWidget) -> Any:
    return widget.mapToGlobal(widget.rect().bottomLeft())
