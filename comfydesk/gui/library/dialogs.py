"""Opens the library's dialogs; each is imported when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from comfydesk.gui.gallery.alive import spawn
from comfydesk.gui.library.words import workflows_text
from comfydesk.gui.widgets.question import Question
from comfydesk.library.model import WorkflowEntry

if TYPE_CHECKING:
    from comfydesk.gui.library.panel import LibraryPanel


class LibraryDialogs(QObject):
    """Lives with the panel. `open_one` is the dialog that is open, if any."""

    def __init__(self, panel: LibraryPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.open_one: QDialog | None = None

    def close(self) -> None:
        """The engine goes."""
        if self.open_one is not None:
            self.open_one.reject()

    def tags(self, entries: Sequence[WorkflowEntry]) -> None:
        from comfydesk.gui.library.tags import TagsDialog

        panel = self._panel
        if entries:
            dialog = TagsDialog(panel.context, panel.window(), entries, panel.tags)
            dialog.chosen.connect(lambda added, removed: panel.commands.tag(entries, added, removed))
            self._show(dialog)

    def versions(self, entry: WorkflowEntry) -> None:
        from comfydesk.gui.library.versions import VersionsDialog

        panel = self._panel
        if panel.commands.engine is not None:
            dialog = VersionsDialog(panel.context, panel.window(), panel.commands.engine, entry)
            dialog.toast_requested.connect(panel.toast_requested)
            self._show(dialog)

    def from_host(self, tab: str) -> None:
        """The host's "workflows" or its "templates"."""
        from comfydesk.gui.library.from_host import HostDialog

        panel = self._panel
        if panel.commands.engine is not None:
            dialog = HostDialog(panel.context, panel.window(), panel.commands.engine, tab)
            dialog.added.connect(lambda entry: panel.open(entry.name))
            self._show(dialog)

    def link(self) -> None:
        from comfydesk.gui.library.asking import link_dialog

        panel = self._panel
        self._show(link_dialog(panel.context, panel.window(), panel.incoming.fetch))

    def new_folder(self, then: Callable[[str], object] | None, parent: str = "") -> None:
        """`then(its name)` when it is made; `parent`: the folder that it is made in."""
        from comfydesk.gui.library.asking import folder_dialog

        panel = self._panel
        text = self.tr("In {folder}").format(folder=parent) if parent else ""
        before = f"{parent}/" if parent else ""
        self._show(
            folder_dialog(
                panel.context,
                panel.window(),
                self.tr("New folder"),
                self.tr("Create"),
                lambda name: self._is_taken(before + name),
                lambda name: panel.commands.make_folder(before + name, then),
                text=text,
            )
        )

    def rename_folder(self, folder: str) -> None:
        from comfydesk.gui.library.asking import folder_dialog

        panel = self._panel
        parent, slash, leaf = folder.rpartition("/")
        self._show(
            folder_dialog(
                panel.context,
                panel.window(),
                self.tr("Rename folder"),
                self.tr("Rename"),
                lambda name: name.casefold() != leaf.casefold() and self._is_taken(f"{parent}{slash}{name}"),
                lambda name: panel.commands.rename_folder(folder, name) if name != leaf else None,
                value=leaf,
                can_nest=False,
            )
        )

    def ask_remove_folder(self, folder: str, count: int) -> None:
        """Workflows are in it: what becomes of them?"""
        spawn(self._panel.context.bridge, "ask about a folder", self._ask_remove_folder, folder, count)

    async def _ask_remove_folder(self, folder: str, count: int) -> None:
        question = Question(
            self._panel.window(),
            self.tr("Remove the folder “{folder}”?").format(folder=folder),
            self.tr("{what} in it go to the trash. Results stay.").format(what=workflows_text(count)),
            [("remove", self.tr("Remove it"), "danger"), ("keep", self.tr("Cancel"), "")],
            escape="keep",
        )
        if (await question.ask())[0] == "remove":
            self._panel.commands.remove_folder(folder)

    def _is_taken(self, folder: str) -> bool:
        return folder.casefold() in {known.casefold() for known in self._panel.folders}

    def _show(self, dialog: QDialog) -> None:
        self.close()
        self.open_one = dialog
        dialog.finished.connect(lambda _code: self._gone(dialog))
        dialog.open()

    def _gone(self, dialog: QDialog) -> None:
        if self.open_one is dialog:
            self.open_one = None
