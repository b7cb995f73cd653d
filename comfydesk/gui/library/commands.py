"""What is done with workflows of the library: each asks the engine and says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from comfydesk.base.errors import Problem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery import outside
from comfydesk.gui.gallery.alive import spawn
from comfydesk.gui.library.sections import within
from comfydesk.gui.library.words import workflows_text
from comfydesk.gui.widgets.question import Question
from comfydesk.library.model import WorkflowEntry
from comfydesk.workflow.json_text import MAX_BYTES


class LibraryCommands(QObject):
    """Lives with the panel. `toast_requested(text, action, callback)`.

    `renamed(old name, new name)`: by renaming or moving. `made(entry)`: a copy that wants a name of its own.
    `values_of(name)`: what the form holds for that workflow where it is open, else None.
    """

    toast_requested = Signal(str, str, object)
    renamed = Signal(str, str)
    made = Signal(object)

    def __init__(self, context: Context, parent: Any) -> None:
        super().__init__(parent)
        self._context = context
        self._panel = parent
        self._engine: Any = None
        self.values_of: Callable[[str], Mapping[str, Any] | None] = lambda _name: None

    @property
    def engine(self) -> Any:
        return self._engine

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        self._engine = None

    # -- in the library ----------------------------------------------------------------------------------------------

    def favourite(self, entries: Sequence[WorkflowEntry], wanted: bool) -> None:
        """Put the star on, or take it off."""
        for entry in entries:
            if entry.favourite != wanted:
                self._run("set_favourite", entry.name, wanted)

    def rename(self, entry: WorkflowEntry, title: str) -> None:
        self._run("rename_workflow", entry.name, title, then=lambda new: self._has_moved(entry.name, new))

    def duplicate(self, entry: WorkflowEntry) -> None:
        self._run("duplicate_workflow", entry.name, then=self.made.emit)

    def move(self, names: Sequence[str], folder: str) -> None:
        """Into a folder; "" is the library itself."""
        if not names:
            return

        def moved(entries: Sequence[WorkflowEntry]) -> None:
            for old, new in zip(names, entries, strict=False):
                self._has_moved(old, new)
            words = self.tr("Moved {what} to “{folder}”") if folder else self.tr("Moved {what} out of its folder")
            self._say(words.format(what=self._named(entries), folder=folder))

        self._run("move_workflows", list(names), folder, then=moved)

    def remove(self, entries: Sequence[WorkflowEntry]) -> None:
        """Put the person's own among them into the trash; can be undone."""
        mine = [entry for entry in entries if not entry.is_starter]
        if not mine:
            if entries:
                self._say(self.tr("{title} came with ComfyDesk and stays.").format(title=entries[0].title))
            return

        def gone(token: Any) -> None:
            text = self.tr("Moved {what} to the trash; results stay").format(what=self._named(mine))
            self._say(text, self.tr("Undo"), lambda: self._run("restore_workflows", token))

        self._run("remove_workflows", [entry.name for entry in mine], then=gone)

    def tag(self, entries: Sequence[WorkflowEntry], added: Sequence[str], removed: Sequence[str]) -> None:
        """Put tags on and take others off."""
        gone = {tag.casefold() for tag in removed}
        for entry in entries:
            kept = [tag for tag in entry.tags if tag.casefold() not in gone]
            known = {tag.casefold() for tag in kept}
            tags = (*kept, *(tag for tag in added if tag.casefold() not in known))
            if tags != tuple(entry.tags):
                self._run("set_tags", entry.name, tags)

    # -- folders -----------------------------------------------------------------------------------------------------

    def make_folder(self, folder: str, then: Callable[[str], object] | None = None) -> None:
        """A new one; `then(its name)` afterwards."""
        self._run("make_folder", folder, then=then)

    def rename_folder(self, folder: str, name: str) -> None:
        """Give it another name where it is."""

        def renamed(new: str) -> None:
            opened = self._panel.opened
            if within(opened, folder):
                self.renamed.emit(opened, new + opened[len(folder) :])

        self._run("rename_folder", folder, name, then=renamed)

    def remove_folder(self, folder: str) -> None:
        """Into the trash with what is in it; can be undone."""

        def gone(token: str) -> None:
            text = self.tr("Moved the folder “{folder}” to the trash; results stay").format(folder=folder)
            self._say(text, self.tr("Undo"), lambda: self._run("restore_workflows", token))

        self._run("remove_folder", folder, then=gone)

    # -- elsewhere ---------------------------------------------------------------------------------------------------

    def copy(self, entry: WorkflowEntry) -> None:
        """The file's text into the clipboard."""

        def have(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self._say(self.tr("“{title}” is in the clipboard as JSON.").format(title=entry.title))

        self._context.bridge.start(_text_of, entry.path, then=have)

    def show_in_folder(self, entry: WorkflowEntry) -> None:
        def shown(said: str) -> None:
            if said == "folder":
                outside.open_folder(entry.path)
            elif said == "gone":
                self._say(self.tr("The folder of {title} is not there any more.").format(title=entry.title))

        self._context.bridge.start(outside.reveal, entry.path, then=shown)

    def open_in_comfyui(self, entry: WorkflowEntry) -> None:
        """Save it on the host and open the host's page with it."""

        def opened(page: Any) -> None:
            address = QUrl(page.url, QUrl.ParsingMode.StrictMode)
            if address.scheme() not in ("http", "https"):
                return
            QDesktopServices.openUrl(address)
            text = self.tr("“{title}” opens in your browser.").format(title=entry.title)
            if not page.opens_itself:
                text = self.tr("It is on the host as “{name}”: in the page press W and choose it there.")
            self._say(text.format(name=page.name))

        values = self.values_of(entry.name)
        self._with_host(lambda host: self._run("open_in_comfyui", entry.name, values, host.host_id, then=opened))

    def save_to_host(self, entry: WorkflowEntry) -> None:
        """Keep a copy among the host's own workflows; asks before it replaces one."""
        self._with_host(lambda host: self._save_to(entry, host, overwrite=False))

    def _save_to(self, entry: WorkflowEntry, host: Any, *, overwrite: bool) -> None:
        def saved(_: object) -> None:
            self._say(self.tr("Saved “{title}” on {host}.").format(title=entry.title, host=host.name or host.url))

        def failed(problem: Problem) -> None:
            if problem.code == "remote_exists" and not overwrite:
                spawn(self._context.bridge, "ask to replace", self._ask_to_replace, entry, host)
            else:
                self._context.bridge.failed.emit(problem)

        self._run("save_to_host", entry.name, host.host_id, overwrite=overwrite, then=saved, failed=failed)

    async def _ask_to_replace(self, entry: WorkflowEntry, host: Any) -> None:
        question = Question(
            self._panel.window(),
            self.tr("Replace “{title}” on {host}?").format(title=entry.title, host=host.name or host.url),
            self.tr("A workflow of that name is saved there already. It is replaced by this one."),
            [("replace", self.tr("Replace"), "danger"), ("keep", self.tr("Keep it"), "")],
            escape="keep",
        )
        if (await question.ask())[0] == "replace":
            self._save_to(entry, host, overwrite=True)

    def _with_host(self, act: Callable[[Any], object]) -> None:
        def have(host: Any) -> None:
            if host is None:
                self._say(self.tr("No host is chosen yet: add one on the Hosts page."))
            else:
                act(host)

        self._run("default_host", then=have)

    # ----------------------------------------------------------------------------------------------------------------

    def _run(self, name: str, *args: Any, **options: Any) -> None:
        if self._engine is not None and self._context.bridge.is_attached:
            self._context.bridge.run(getattr(self._engine, name), *args, **options)

    def _has_moved(self, old: str, new: WorkflowEntry) -> None:
        if new.name != old:
            self.renamed.emit(old, new.name)

    def _named(self, entries: Sequence[WorkflowEntry]) -> str:
        return f"“{entries[0].title}”" if len(entries) == 1 else workflows_text(len(entries))

    def _say(self, text: str, action: str = "", callback: Callable[[], object] | None = None) -> None:
        self.toast_requested.emit(text, action, callback)


def _text_of(path: str) -> str:
    """The text of a workflow's file. Raises Problem file_missing or file_unreadable."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise Problem("workflow_limits", file=Path(path).name, detail="it is larger than 16 MB")
        return data.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise Problem("file_missing", file=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Problem("file_unreadable", file=path, detail=str(error)) from error
