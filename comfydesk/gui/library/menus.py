"""The library's menus: of workflows, of a folder, of the plus button, of the sort button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from comfydesk.gui.library.sections import Heading, Sort
from comfydesk.gui.library.words import workflows_text
from comfydesk.gui.widgets.buttons import menu
from comfydesk.library.model import WorkflowEntry

if TYPE_CHECKING:
    from comfydesk.gui.library.panel import LibraryPanel

MENU_FOLDERS = 24  # folders that "Move to folder" lists


class LibraryMenus(QObject):
    """Makes menus for the panel; each goes away with its last use."""

    def __init__(self, panel: LibraryPanel) -> None:
        super().__init__(panel)
        self._panel = panel

    def of(self, entries: Sequence[WorkflowEntry]) -> QMenu:
        """For the selected workflows."""
        made = self._new()
        one = entries[0] if len(entries) == 1 else None
        if one is not None:
            self._for_one(made, one)
        self._for_any(made, entries)
        made.addSeparator()
        if one is not None:
            self._elsewhere(made, one)
            made.addSeparator()
        words = self.tr("Move to the trash")
        if one is None:
            words = self.tr("Move {what} to the trash").format(what=workflows_text(len(entries)))
        remove = self._add(made, "trash", words, lambda: self._panel.commands.remove(entries), "Del", role="error")
        remove.setEnabled(any(not entry.is_starter for entry in entries))
        return made

    def _for_one(self, made: QMenu, entry: WorkflowEntry) -> None:
        panel, commands = self._panel, self._panel.commands
        self._add(made, "workflow", self.tr("Open"), lambda: panel.open(entry.name), "Return")
        self._add(made, "plus", self.tr("Open in a new tab"), lambda: panel.tab_requested.emit(entry.name))
        words = self.tr("Open in ComfyUI")
        self._add(made, "open-external", words, lambda: commands.open_in_comfyui(entry)).setEnabled(not entry.problem)
        made.addSeparator()

    def _for_any(self, made: QMenu, entries: Sequence[WorkflowEntry]) -> None:
        panel, commands = self._panel, self._panel.commands
        wanted = not all(entry.favourite for entry in entries)
        words = self.tr("Add to favourites") if wanted else self.tr("Remove from favourites")
        self._add(made, "star", words, lambda: commands.favourite(entries, wanted))
        self._add(made, "tag", self.tr("Tags…"), lambda: panel.dialogs.tags(entries))
        if len(entries) == 1:
            (entry,) = entries
            rename = self._add(made, "edit", self.tr("Rename"), lambda: panel.view.rename(entry.name), "F2")
            rename.setEnabled(not entry.is_starter and not panel.is_folded)
            self._add(made, "copy", self.tr("Duplicate"), lambda: commands.duplicate(entry), "Ctrl+D")
        self._move_menu(made, [entry for entry in entries if not entry.is_starter])
        if len(entries) == 1:
            (entry,) = entries
            versions = self._add(made, "clock", self.tr("Versions…"), lambda: panel.dialogs.versions(entry))
            versions.setEnabled(not entry.is_starter)

    def _move_menu(self, made: QMenu, entries: Sequence[WorkflowEntry]) -> None:
        panel = self._panel
        names = [entry.name for entry in entries]
        here = {entry.folder.casefold() for entry in entries}
        inner = menu(made)
        inner.setTitle(self.tr("Move to folder"))
        inner.setIcon(panel.context.icons.icon("folder"))
        if here != {""}:
            inner.addAction(self.tr("None"), lambda: panel.commands.move(names, ""))
        for folder in panel.folders[:MENU_FOLDERS]:
            if here != {folder.casefold()}:
                text = folder.replace("&", "&&").replace("/", " / ")
                inner.addAction(text, lambda folder=folder: panel.commands.move(names, folder))
        if not inner.isEmpty():
            inner.addSeparator()
        plus = panel.context.icons.icon("plus")
        inner.addAction(
            plus,
            self.tr("New folder…"),
            lambda: panel.dialogs.new_folder(lambda made: panel.commands.move(names, made)),
        )
        inner.setEnabled(bool(entries))
        made.addMenu(inner)

    def _elsewhere(self, made: QMenu, entry: WorkflowEntry) -> None:
        commands = self._panel.commands
        self._add(made, "folder-open", self.tr("Show in the file manager"), lambda: commands.show_in_folder(entry))
        self._add(made, "copy", self.tr("Copy as JSON"), lambda: commands.copy(entry), "Ctrl+C")
        self._add(made, "hosts", self.tr("Save to the host"), lambda: commands.save_to_host(entry)).setEnabled(
            not entry.problem
        )

    def of_folder(self, heading: Heading) -> QMenu | None:
        """For the heading of a folder; None for other headings."""
        folder, dialogs = heading.folder, self._panel.dialogs
        if folder is None:
            return None
        made = self._new()
        self._add(made, "plus", self.tr("New folder…"), lambda: dialogs.new_folder(None, folder))
        if folder:
            self._add(made, "edit", self.tr("Rename folder…"), lambda: dialogs.rename_folder(folder))
            remove = self.tr("Remove folder")
            self._add(made, "trash", remove, lambda: self._panel.remove_folder(folder), role="error")
        return made

    def add_menu(self) -> QMenu:
        """What the plus button offers."""
        panel, made = self._panel, self._new()
        self._add(made, "folder-open", self.tr("Files…"), panel.incoming.choose_files, "Ctrl+O")
        self._add(made, "link", self.tr("From an address…"), panel.dialogs.link)
        self._add(made, "import", self.tr("Paste"), panel.incoming.paste, "Ctrl+V")
        made.addSeparator()
        self._add(made, "hosts", self.tr("From the host…"), lambda: panel.dialogs.from_host("workflows"))
        self._add(made, "grid", self.tr("Templates…"), lambda: panel.dialogs.from_host("templates"))
        made.addSeparator()
        self._add(made, "folder", self.tr("New folder…"), lambda: panel.dialogs.new_folder(None))
        return made

    def sort_menu(self, current: Sort) -> QMenu:
        """The orders, one of them ticked."""
        made = self._new()
        group = QActionGroup(made)
        for sort, words in (
            (Sort.NAME, self.tr("By name")),
            (Sort.MODIFIED, self.tr("Last changed first")),
            (Sort.OPENED, self.tr("Last opened first")),
        ):
            action = made.addAction(words, lambda sort=sort: self._panel.set_sort(sort))
            action.setCheckable(True)
            action.setChecked(sort is current)
            group.addAction(action)
        return made

    # ----------------------------------------------------------------------------------------------------------------

    def _new(self) -> QMenu:
        made = menu(self._panel)
        made.aboutToHide.connect(made.deleteLater)
        return made

    def _add(
        self, made: QMenu, icon: str, words: str, act: Callable[[], object], keys: str = "", *, role: str = "text"
    ) -> QAction:
        action = made.addAction(self._panel.context.icons.icon(icon, role), words, act)
        if keys:
            action.setShortcut(keys)  # shown only: the list itself hears the key
            action.setShortcutVisibleInContextMenu(True)
        return action
