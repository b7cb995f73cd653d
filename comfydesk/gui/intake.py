"""What comes in by dialog, drop, paste, link, argument or a second start: into the library, and the last one opens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QGuiApplication
from PySide6.QtWidgets import QWidget

from comfydesk.base.errors import Problem

from . import drops, words
from .bridge import Bridge
from .drops import Drop

if TYPE_CHECKING:
    from .drop_hint import DropHint

_DRAG_ENDS = (QEvent.Type.DragLeave, QEvent.Type.Drop)
NO_GRAPH = frozenset({"workflow_none", "workflow_settings"})  # another program's settings may be in it
EACH, NAMED = 2, 3  # files that are said one by one; names in the note for more


class Intake(QObject):
    """`opened(WorkflowEntry, count)` after all of them; `refused(str)`: what was no workflow, and what to do.

    `said(text, action, callback)`: a note. `parameters_dropped(Parameters)`: another program's settings are to be put
    into the open form.
    """

    opened = Signal(object, int)
    refused = Signal(str)
    said = Signal(str, str, object)
    parameters_dropped = Signal(object)

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._window = bridge, window
        self._hint: DropHint | None = None
        self._is_asking = False
        window.installEventFilter(self)

    def take(self, what: Drop | Sequence[str]) -> None:
        """Put files, text, bytes or what a link leads to into the library and open the last that is a workflow.

        Nothing without an engine.
        """
        drop = what if isinstance(what, Drop) else Drop(files=tuple(what))
        if drop != Drop(folder=drop.folder) and self._bridge.is_attached:
            self._bridge.spawn(self._take(self._bridge.engine, drop), "import")

    def drop(self, mime: QMimeData) -> None:
        """Something was let go of over the window; a link is asked about first."""
        found = drops.from_mime(mime, ask=True)
        if found is not None:
            self.take(found)
        else:
            self.said.emit(self.tr("That holds no workflow: no file, picture, JSON or link."), "", None)

    def paste(self) -> None:
        """Take what the clipboard holds."""
        mime = QGuiApplication.clipboard().mimeData()
        found = drops.from_mime(mime, ask=True)
        if found is not None:
            self.take(found)
        elif mime.hasImage():
            words = self.tr("The picture in the clipboard has lost its workflow. Drop or open its file instead.")
            self.said.emit(words, "", None)
        else:
            self.said.emit(self.tr("The clipboard holds no workflow: no file, picture, JSON or link."), "", None)

    # ----------------------------------------------------------------------------------------------------------------

    async def _take(self, engine: Any, drop: Drop) -> None:
        if drop.url:
            await self._fetch(engine, drop)
            return
        if drop.files:
            await self._take_files(engine, drop)
            return
        data, name = drop.data or drop.text.encode("utf-8", "replace"), drop.name
        try:
            entry = await self._bridge.call(engine.import_data, data, name, drop.folder)
        except Problem as problem:
            if problem.code in NO_GRAPH:
                await self._offer_settings(PurePath(name).stem, data, problem)
            else:
                self.refused.emit("\n".join(words.says(problem)))
        else:
            self.opened.emit(entry, 1)

    async def _take_files(self, engine: Any, drop: Drop) -> None:
        taken: dict[str, Any] = {}
        refused: dict[str, Problem] = {}
        for file in drop.files:
            try:
                entry = await self._bridge.call(engine.import_workflow, file, drop.folder)
                taken[entry.name] = entry
            except Problem as problem:
                refused[file] = problem
        file, problem = next(iter(refused.items()), ("", None))
        if len(drop.files) == 1 and problem is not None and problem.code in NO_GRAPH:
            await self._offer_settings(PurePath(file).name, Path(file), problem)
        else:
            for text in self._refusals(refused):
                self.refused.emit(text)
        if taken:
            self.opened.emit(list(taken.values())[-1], len(taken))

    async def _fetch(self, engine: Any, drop: Drop) -> None:
        place = urlsplit(drop.url).hostname or drop.url
        if drop.ask and not await self._may_fetch(drop.url, place):
            return
        self.said.emit(self.tr("Fetching from {place}…").format(place=place), "", None)
        try:
            entry = await self._bridge.call(engine.import_url, drop.url, drop.folder)
        except Problem as problem:
            self.refused.emit("\n".join(words.says(problem)))
        else:
            self.opened.emit(entry, 1)

    async def _may_fetch(self, url: str, place: str) -> bool:
        from .widgets.labels import breakable
        from .widgets.question import Question

        if self._is_asking:
            return False
        self._is_asking = True
        try:
            question = Question(
                self._window,
                self.tr("Fetch a workflow from {place}?").format(place=place),
                breakable(url if len(url) <= 300 else f"{url[:240]}…{url[-50:]}"),
                [("fetch", self.tr("Fetch"), "primary"), ("leave", self.tr("Cancel"), "")],
                escape="leave",
            )
            return (await question.ask())[0] == "fetch"
        finally:
            self._is_asking = False

    async def _offer_settings(self, name: str, source: Path | bytes, problem: Problem) -> None:
        """It carries no workflow; does it say what another program made it with?"""
        try:
            found = await self._bridge.work(_settings_of, source, name)
        except Problem:
            found = None
        if found is None:
            self.refused.emit("\n".join(words.says(problem)))
            return
        text = self.tr("{name} carries no workflow, but the prompt and settings it was made with.")
        act = self.tr("Put them into the form")
        self.said.emit(text.format(name=_short(name)), act, lambda: self.parameters_dropped.emit(found))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While something is over the window, say what letting go of it does."""
        if isinstance(event, QDragEnterEvent):
            self._say(event.mimeData())
        elif self._hint is not None and event.type() in _DRAG_ENDS:
            self._hint.hide()
        return False

    def _say(self, mime: QMimeData) -> None:
        from .drop_hint import DropHint  # after the first frame

        if drops.can_take(mime) and mime.hasUrls():  # a text may be anything
            self._hint = self._hint or DropHint(self._window)
            self._hint.show_for(drops.local_files(mime))

    def _refusals(self, refused: dict[str, Problem]) -> list[str]:
        """A note for each file; one for all where they are many, or each would push another away."""
        if len(refused) <= EACH:
            return ["\n".join(words.says(problem)) for problem in refused.values()]
        names = ", ".join(_short(PurePath(file).name) for file in list(refused)[:NAMED])
        rest = self.tr(" and {n} more").format(n=len(refused) - NAMED) if len(refused) > NAMED else ""
        says = self.tr("{n} files could not be added: {names}{rest}.")
        _, next_step = words.says(next(iter(refused.values())))
        return [f"{says.format(n=len(refused), names=names, rest=rest)}\n{next_step}"]

    def ask(self) -> None:
        """Let a person choose files."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, self.tr("Open a workflow"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(drops.name_filters())
        dialog.filesSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _settings_of(source: Path | bytes, name: str) -> Any:
    """The `Parameters` in a file or in bytes, None where there are none. Blocking. Raises Problem as `read` does."""
    from comfydesk.workflow import source as reading

    found = reading.read(source) if isinstance(source, Path) else reading.of_bytes(source, name)
    return found.parameters


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:24]}…{name[-14:]}"
