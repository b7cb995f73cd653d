"""Asks the engine what a search finds: one question at a time, and only the answer to the newest is told."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from comfydesk.base.errors import Problem
from comfydesk.gui.context import Context
from comfydesk.gui.library.sections import Filter, Sort, Which


class LibrarySearch(QObject):
    """`found(list of WorkflowEntry)`, best first."""

    found = Signal(object)

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._engine: Any = None
        self._wanted: tuple[str, Filter, Sort] | None = None
        self._asked: tuple[str, Filter, Sort] | None = None

    @property
    def is_asking(self) -> bool:
        """Whether an answer is on its way."""
        return self._wanted is not None

    def attach(self, engine: Any) -> None:
        self._engine = engine

    def detach(self) -> None:
        self._engine = self._wanted = self._asked = None

    def ask(self, query: str, shown: Filter, sort: Sort) -> None:
        """A new question; an empty query only takes the old one back."""
        self._wanted = (query, shown, sort) if query else None
        if self._asked is None:
            self._next()

    def _next(self) -> None:
        if self._engine is None or self._wanted is None:
            return
        self._asked, (query, shown, sort) = self._wanted, self._wanted
        self._context.bridge.run(
            self._engine.workflows,
            query,
            folder=shown.value if shown.which is Which.FOLDER else None,
            tag=shown.value if shown.which is Which.TAG else None,
            favourites=shown.which is Which.FAVOURITES,
            sort=str(sort),
            then=self._arrived,
            failed=self._failed,
        )

    def _arrived(self, entries: Any) -> None:
        asked, self._asked = self._asked, None
        if asked == self._wanted and asked is not None:
            self._wanted = None
            self.found.emit(entries)
        else:
            self._next()

    def _failed(self, problem: Problem) -> None:
        self._asked = self._wanted = None
        self._context.bridge.failed.emit(problem)
