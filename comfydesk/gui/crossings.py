"""What leads from a thing on one page to another page that shows or uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from .create.foreign import ForeignSettings
    from .create.reuse import Reuse
    from .window import Window


class Crossings(QObject):
    """Made by the window, told of each page that it makes."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._reuse: Reuse | None = None
        self._foreign: ForeignSettings | None = None
        window.intake.parameters_dropped.connect(self._use_foreign)

    def page_made(self, key: str, page: QWidget) -> None:
        """Connect a new page."""
        if key == "gallery":
            page.settings_requested.connect(self._use_settings)
            page.compare_requested.connect(self._compare)
        elif key == "create":
            page.stage.newest.view.doubleClicked.connect(self._show_newest)

    def _use_settings(self, workflow: str, prompt: Mapping[str, Any]) -> None:
        """From a result in the gallery to the form of its workflow."""
        from .create.reuse import Reuse

        self._window.go_to("create")
        if self._reuse is None:
            self._reuse = Reuse(self._window.page("create"))
        self._reuse.use(workflow, prompt)

    def _compare(self, item: Any) -> None:
        """From a result in the gallery to the open form, with both side by side."""
        self._window.go_to("create")
        self._window.page("create").form.comparing.with_item(item)

    def _use_foreign(self, parameters: Any) -> None:
        """From a picture of another program to the open form."""
        from .create.foreign import ForeignSettings

        self._window.go_to("create")
        if self._foreign is None:
            self._foreign = ForeignSettings(self._window.page("create"))
        self._foreign.use(parameters)

    def _show_newest(self, index: Any) -> None:
        """From a result on the Create page to the gallery's viewer."""
        from .create.newest import ITEM_ROLE

        item = index.data(ITEM_ROLE)
        if item is not None:
            self._window.go_to("gallery")
            self._window.page("gallery").show_item(item.item_id)
