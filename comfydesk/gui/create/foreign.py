"""Puts the settings that another program wrote into a picture into the open form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from comfydesk.gui.create.fill import fill

if TYPE_CHECKING:
    from comfydesk.gui.create.page import CreatePage

NAMED = 4  # settings without a field that are named in the note


class ForeignSettings(QObject):
    """Lives with the Create page."""

    def __init__(self, page: CreatePage) -> None:
        super().__init__(page)
        self._page = page

    def use(self, parameters: Any) -> None:
        """Show what `parameters` (of AUTOMATIC1111 and its like) say in the fields that mean the same."""
        from comfydesk.form import a1111

        session = self._page.form.session
        if session.workflow is None or not session.workflow.form.fields:
            first = self.tr("Open a workflow first; its form takes the settings then.")
            self._page.toast_requested.emit(first, "", None)
            return
        applied = a1111.values_of(parameters, session.workflow.form)
        if not applied.values:
            self._page.toast_requested.emit(self.tr("No field of this form means what the picture tells."), "", None)
            return
        said = self.tr("The picture's settings are in the form, with the seed fixed.")
        if applied.left:
            names = ", ".join(applied.left[:NAMED]) + (", …" if len(applied.left) > NAMED else "")
            said += "\n" + self.tr("Not taken: {names}").format(names=names)
        fill(self._page, applied.values, said)
