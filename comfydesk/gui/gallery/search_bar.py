"""The row above the grid: what to look for, which kinds, how many there are, how large the tiles."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.gallery.tile_view import FIRST_TILE, MAX_TILE, MIN_TILE
from comfydesk.gui.gallery.words import files_text
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.segmented import SegmentedControl

_TYPING_MS = 200
_ROOM_FOR_SIZE, _ROOM_FOR_COUNT = 640, 540  # pixels of the row


class SearchBar(QWidget):
    """`query_changed(text)` a moment after the last key. `tile_size_changed(pixels)`, `details_toggled(bool)`."""

    query_changed = Signal(str)
    tile_size_changed = Signal(int)
    details_toggled = Signal(bool)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._asked = ""
        self.search = QLineEdit()
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(self.tr("Search prompts, workflows, names"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(120)
        self.search.addAction(context.icons.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.kinds = SegmentedControl(
            [
                ("", self.tr("All")),
                ("kind:picture,animation", self.tr("Pictures"), self.tr("Pictures and animations")),
                ("kind:video", self.tr("Videos")),
                ("kind:sound", self.tr("Sounds")),
            ]
        )
        self.kinds.setAccessibleName(self.tr("Kinds"))
        self.count = label("", "muted")
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setRange(MIN_TILE, MAX_TILE)
        self.size.setValue(FIRST_TILE)
        self.size.setFixedWidth(104)
        self.size.setAccessibleName(self.tr("Tile size"))
        self.size.setToolTip(self.tr("Tile size (Ctrl+wheel)"))
        self.details = icon_button(
            context.icons.icon("info", "muted", on="accent"), self.tr("Details (Ctrl+I)"), checkable=True
        )
        self._lay_out()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._ask)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._ask)
        self.kinds.value_changed.connect(lambda _value: self._ask())
        self.size.valueChanged.connect(self.tile_size_changed)
        self.details.toggled.connect(self.details_toggled)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(self.search, 1)
        for widget in (self.kinds, self.count, self.size, self.details):
            row.addWidget(widget)

    @property
    def query(self) -> str:
        return f"{self.search.text().strip()} {self.kinds.value}".strip()

    def clear(self) -> None:
        """Ask for everything again, at once."""
        self.search.clear()
        self.kinds.set_value("")
        self._ask()

    def say_count(self, shown: int, everything: int) -> None:
        """How many files there are, and of how many."""
        if not everything:
            self.count.clear()
        elif shown == everything:
            self.count.setText(files_text(shown))
        else:
            self.count.setText(self.tr("{0} of {1}").format(f"{shown:,}", f"{everything:,}"))

    def set_room(self, width: int, *, has_tiles: bool) -> None:
        """Leave out what there is no room for."""
        self.size.setVisible(has_tiles and width >= _ROOM_FOR_SIZE)
        self.count.setVisible(width >= _ROOM_FOR_COUNT)

    def _ask(self) -> None:
        self._typing.stop()
        if self.query != self._asked:
            self._asked = self.query
            self.query_changed.emit(self.query)
