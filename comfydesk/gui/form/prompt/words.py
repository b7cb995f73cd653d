"""What all prompt boxes of a window know: names of a host, wildcards, tags, and the prompts that were queued."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from comfydesk.engine.promptdesk import PromptNames
from comfydesk.form.prompt_text.tags import TagIndex
from comfydesk.gui.context import Context
from comfydesk.library.prompt_history import PastPrompt, PromptsRemembered

FRESH = 30.0  # seconds that names are taken for current


class PromptWords(QObject):
    """One a window, shared by its prompt boxes. It asks the engine when a box gets the keyboard, never before.

    `names_changed`: names or tags are there, or others than before.
    """

    names_changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.bridge)
        self._context = context
        self._engine: Any = None
        self._asked = float("-inf")
        self.names = PromptNames()
        self.tags = TagIndex()
        self.history: tuple[PastPrompt, ...] = ()
        context.bridge.changed.connect(self._on_changes)
        context.settings.changed.connect(self._on_setting)

    @classmethod
    def of(cls, context: Context) -> PromptWords:
        """The window's; made when it is first asked for."""
        found = context.bridge.findChild(cls, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return found if found is not None else cls(context)

    def wake(self) -> None:
        """A prompt is about to be written: have everything at hand."""
        bridge = self._context.bridge
        if not bridge.is_attached or (self._engine is bridge.engine and time.monotonic() - self._asked < FRESH):
            return
        is_new, self._engine, self._asked = self._engine is not bridge.engine, bridge.engine, time.monotonic()
        bridge.run(self._engine.default_host, then=self._ask_names)
        bridge.run(self._engine.prompt_tags, then=self._take_tags)
        if is_new:
            bridge.run(self._engine.prompt_history, then=self._take_history)

    def past(self, role: str) -> list[str]:
        """The prompts of such a field that were queued, newest first."""
        return [each.text for each in self.history if each.role == role]

    def _ask_names(self, host: Any) -> None:
        if self._context.bridge.is_attached:
            host_id = host.host_id if host is not None else ""
            self._context.bridge.run(self._context.bridge.engine.prompt_names, host_id, then=self._take_names)

    def _take_names(self, names: PromptNames) -> None:
        if names != self.names:
            self.names = names
            self.names_changed.emit()

    def _take_tags(self, tags: TagIndex) -> None:
        if tags is not self.tags:
            self.tags = tags
            self.names_changed.emit()

    def _take_history(self, history: tuple[PastPrompt, ...]) -> None:
        self.history = history

    def _on_changes(self, changes: list[Any]) -> None:
        for change in changes:
            if isinstance(change, PromptsRemembered):
                self.history = change.prompts

    def _on_setting(self, name: str) -> None:
        if name == "tag_file":
            self._asked = float("-inf")
