"""How the gallery page shares its room: grid, details column, and what fits into the row above; remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QTimer

from comfydesk.gui.context import Context

if TYPE_CHECKING:
    from comfydesk.gui.gallery.page import GalleryPage

DETAILS_WIDTH, LEAST_GRID = 320, 380
NARROW = 900  # pixels of the page: below, the details are shown only when they are asked for
TILE, DETAILS = "gallery-tile", "gallery-details"
HIDDEN = "hidden"


class Room(QObject):
    """Lives with the page."""

    def __init__(self, context: Context, page: GalleryPage) -> None:
        super().__init__(page)
        self._settings, self._page = context.settings, page
        self._is_narrow: bool | None = None
        self._is_empty = False
        page.details.setMinimumWidth(264)
        page.details.setMaximumWidth(560)
        page.splitter.setStretchFactor(0, 1)
        page.splitter.setStretchFactor(1, 0)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(400)
        self._soon.timeout.connect(self._remember)
        page.splitter.splitterMoved.connect(lambda *_: (self.fit_bar(), self._soon.start()))
        page.bar.details_toggled.connect(self._toggle)
        page.bar.tile_size_changed.connect(page.grid.set_tile_size)
        page.grid.tile_size_changed.connect(page.bar.size.setValue)
        page.grid.tile_size_changed.connect(lambda _: self._soon.start())

    def attach(self) -> None:
        """Take up the size that tiles had."""
        size = self._settings.splitter(TILE)
        if size.isdigit():
            self._page.grid.set_tile_size(int(size))

    def fit(self, width: int) -> None:
        """The page is so wide now."""
        is_narrow = width < NARROW
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            shown = not is_narrow and self._settings.splitter(DETAILS) != HIDDEN
            toggle = self._page.bar.details
            toggle.blockSignals(True)
            toggle.setChecked(shown)
            toggle.blockSignals(False)
            self._show(shown)
            self._restore()
        self.fit_bar()

    def set_empty(self, is_empty: bool) -> None:
        """Nothing was made yet: there are no details."""
        if is_empty is not self._is_empty:
            self._is_empty = is_empty
            self._show(self._page.bar.details.isChecked())

    def _show(self, details: bool) -> None:
        self._page.details.setVisible(details and not self._is_empty)

    def fit_bar(self) -> None:
        """Leave out of the bar what there is no room for."""
        page = self._page
        side = 0 if page.details.isHidden() else max(page.details.width(), page.details.minimumWidth())
        page.bar.set_room(page.width() - side, has_tiles=bool(page.model.rowCount()))

    def _restore(self) -> None:
        saved, splitter = self._settings.splitter(DETAILS), self._page.splitter
        if not saved or saved == HIDDEN or not splitter.restoreState(QByteArray.fromBase64(saved.encode())):
            splitter.setSizes([max(LEAST_GRID, self._page.width() - DETAILS_WIDTH), DETAILS_WIDTH])
        splitter.setChildrenCollapsible(False)

    def _toggle(self, shown: bool) -> None:
        self._show(shown)
        if not self._is_narrow:
            self._settings.set_splitter(DETAILS, "" if shown else HIDDEN)
        if shown:
            self._restore()
        QTimer.singleShot(0, self, self.fit_bar)

    def _remember(self) -> None:
        self._settings.set_splitter(TILE, str(self._page.grid.tile_size()))
        if not self._page.details.isHidden() and not self._is_narrow:
            state = bytes(self._page.splitter.saveState().toBase64().data()).decode()
            self._settings.set_splitter(DETAILS, state)
