"""Puts the settings that made a result into the form of its workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from comfydesk.gui.create.fill import fill

if TYPE_CHECKING:
    from comfydesk.gui.create.page import CreatePage


class Reuse(QObject):
    """Lives with the Create page. The workflow is opened first, if another one is; its form may take a moment."""

    def __init__(self, page: CreatePage) -> None:
        super().__init__(page)
        self._page = page
        self._wanted: tuple[str, Mapping[str, Any]] | None = None
        page.form.session.opened.connect(lambda _rebuilt: self._on_opened())
        page.library.loaded.connect(self._open)

    def use(self, title: str, prompt: Mapping[str, Any]) -> None:
        """Show the workflow of that title with the values of `prompt` (API format), its seeds fixed."""
        self._wanted = title, prompt
        self._open()

    def _open(self) -> None:
        entries = self._page.library.model.entries
        if self._wanted is None or not entries:
            return
        entry = next((entry for entry in entries if entry.title == self._wanted[0]), None)
        opened = self._page.form.session.workflow
        if entry is None:
            self._wanted = None
            self._page.toast_requested.emit(self.tr("That workflow is not in your library any more."), "", None)
        elif opened is not None and opened.entry.name == entry.name:
            self._on_opened()
        else:
            self._page.open_workflow(entry.name)

    def _on_opened(self) -> None:
        session = self._page.form.session
        workflow, state = session.workflow, session.state
        if self._wanted is None or workflow is None or state is None or workflow.entry.title != self._wanted[0]:
            return
        (_, prompt), self._wanted = self._wanted, None
        said = self.tr("The settings are in the form, with the seed fixed.")
        fill(self._page, settings_of(prompt, workflow), said)


def settings_of(prompt: Mapping[str, Any], workflow: Any) -> dict[str, Any]:
    """Field key → value, for the fields whose node is in the prompt as the same kind of node."""
    found: dict[str, Any] = {}
    for field in workflow.form.fields:
        node, now = prompt.get(field.node_id), workflow.graph.nodes.get(field.node_id)
        if not isinstance(node, Mapping) or now is None or node.get("class_type") != now.class_type or field.link:
            continue
        inputs = node.get("inputs")
        value = inputs.get(field.input_name) if isinstance(inputs, Mapping) else None
        if value is not None and not isinstance(value, list):
            found[field.key] = value
    return found
