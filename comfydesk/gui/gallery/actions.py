"""What can be done with files of the gallery, from its menu, its details and its viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery import outside
from comfydesk.gui.gallery.alive import spawn
from comfydesk.gui.gallery.words import files_text
from comfydesk.gui.widgets.buttons import menu
from comfydesk.gui.widgets.question import Question

if TYPE_CHECKING:
    from comfydesk.gui.gallery.page import GalleryPage

ASK_ABOVE = 20  # files that go to the trash without a question


class Actions(QObject):
    """Lives with the page. Nothing here touches the server's copies."""

    def __init__(self, context: Context, page: GalleryPage) -> None:
        super().__init__(page)
        self._context, self._page = context, page
        self._gallery: Any = None
        self._is_asking = False

    def attach(self, engine: Any) -> None:
        self._gallery = engine.gallery

    def detach(self) -> None:
        self._gallery = None

    def do(self, what: str, item: GalleryItem) -> None:
        """open, folder, trash, settings, compare, workflow, copy-prompt, copy-seed or copy-path of one file."""
        if what == "open":
            outside.open_file(item)
        elif what == "folder":
            self._context.bridge.start(outside.reveal, item.path, then=lambda said: self._revealed(item, said))
        elif what == "trash":
            self._trash([item])
        elif what == "settings":
            self._use_settings(item)
        elif what == "compare":
            self._page.compare_requested.emit(item)
        elif what == "workflow":
            self._page.files_dropped.emit([item.path])
        elif what == "copy-prompt":
            self._copy(item.prompt, self.tr("The prompt is in the clipboard."))
        elif what == "copy-seed":
            self._copy("" if item.seed is None else str(item.seed), self.tr("The seed is in the clipboard."))
        elif what == "copy-path":
            self._copy(item.path, self.tr("The path is in the clipboard."))

    def menu(self, items: list[GalleryItem], count: int) -> QMenu:
        """For what is selected: one file, or `count` of which `items` are at hand."""
        made = menu(self._page)
        made.aboutToHide.connect(made.deleteLater)
        icons = self._context.icons
        if count == 1 and items:
            (item,) = items
            made.addAction(
                icons.icon("eye"), self.tr("View"), lambda: self._page.open_row(self._page.model.row_of(item.item_id))
            )
            if outside.can_open(item):
                made.addAction(icons.icon("open-external"), self.tr("Open"), lambda: self.do("open", item))
            if not item.missing:
                made.addAction(icons.icon("folder-open"), self.tr("Open folder"), lambda: self.do("folder", item))
                words = self.tr("Open its workflow")
                made.addAction(icons.icon("workflow"), words, lambda: self.do("workflow", item))
            made.addAction(self.tr("Compare with the form"), lambda: self.do("compare", item))
            made.addSeparator()
            if item.prompt:
                made.addAction(icons.icon("copy"), self.tr("Copy prompt"), lambda: self.do("copy-prompt", item))
            if item.seed is not None:
                made.addAction(icons.icon("dice"), self.tr("Copy seed"), lambda: self.do("copy-seed", item))
            made.addAction(icons.icon("link"), self.tr("Copy path"), lambda: self.do("copy-path", item))
        else:
            paths = "\n".join(item.path for item in items)
            made.addAction(
                icons.icon("link"),
                self.tr("Copy paths"),
                lambda: self._copy(paths, self.tr("The paths are in the clipboard.")),
            ).setEnabled(len(items) == count)
        made.addSeparator()
        words = self.tr("Move {0} to the trash")
        if count == 1:
            is_gone = bool(items) and items[0].missing
            words = self.tr("Remove from the gallery") if is_gone else self.tr("Move to the trash")
        made.addAction(icons.icon("trash", "error"), words.replace("{0}", files_text(count)), self.trash_selected)
        return made

    def trash_selected(self) -> None:
        """Move what is selected to the trash; asks first where it is much."""
        if self._gallery is not None and not self._is_asking and self._page.grid.selected_rows():
            spawn(self._context.bridge, "trash", self._trash_selected)

    async def _trash_selected(self) -> None:
        page = self._page
        self._is_asking = True
        try:
            rows = page.grid.selected_rows()
            if len(rows) > ASK_ABOVE and not await self._may_trash(len(rows)):
                return
            await page.model.fetch(page.grid.selected_rows())
            items = page.selected()
            if len(items) != len(rows):
                said = self.tr("The gallery changed meanwhile. Nothing was moved; look at the selection again.")
                page.toast_requested.emit(said, "", None)
                return
            self._trash(items)
        finally:
            self._is_asking = False

    async def _may_trash(self, count: int) -> bool:
        files = files_text(count)
        question = Question(
            self._page.window(),
            self.tr("Move {0} to the trash?").replace("{0}", files),
            self.tr("They can be taken back from the trash of this computer. The server keeps its own copies."),
            [("move", self.tr("Move {0}").replace("{0}", files), "danger"), ("stay", self.tr("Cancel"), "")],
            escape="stay",
        )
        return (await question.ask())[0] == "move"

    def _trash(self, items: list[GalleryItem]) -> None:
        if self._gallery is not None and items:
            ids = [item.item_id for item in items]
            self._context.bridge.run(self._gallery.trash, ids, then=lambda _: self._say_trashed(items))

    def _say_trashed(self, items: list[GalleryItem]) -> None:
        words = self.tr("{0} moved to the trash of this computer. The server keeps its own copies.")
        if all(item.missing for item in items):
            words = self.tr("{0} removed from the gallery.")
        self._page.toast_requested.emit(words.replace("{0}", files_text(len(items))), "", None)

    def _revealed(self, item: GalleryItem, said: str) -> None:
        if said == "folder":
            outside.open_folder(item.path)
        elif said == "gone":
            words = self.tr("The folder of {0} is not there any more.")
            self._page.toast_requested.emit(words.replace("{0}", item.name), "", None)

    def _use_settings(self, item: GalleryItem) -> None:
        def have(details: dict[str, Any]) -> None:
            self._page.settings_requested.emit(item.workflow, details.get("prompt") or {})

        if self._gallery is not None:
            self._context.bridge.run(self._gallery.details, item.item_id, then=have)

    def _copy(self, text: str, said: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._page.toast_requested.emit(said, "", None)
