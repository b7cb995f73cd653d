"""Width and height in one row, with the usual shapes, favourites, a swap and a lock for the ratio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form import shapes
from comfydesk.form.fields import Field
from comfydesk.form.shapes import Family, Size
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.form.number_editor import NumberEditor
from comfydesk.gui.form.shape_box import ShapeBox
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.labels import set_plain_tooltip

FAVOURITES = "favourite_sizes"  # the setting


class SizeRow(FieldRow):
    """`width` and `height` of one node. `sized({key: value, …})`: both sides changed at once.

    `family_of(the file's size)` says which sizes the model likes; the sheet knows it.
    """

    sized = Signal(object)

    def __init__(self, width: Field, height: Field, context: Context, parent: QWidget | None = None) -> None:
        self._height_field = height
        self._ratio = 0.0  # width to height, while locked
        super().__init__(width, context, parent)
        self.family_of: Callable[[Size], Family] = lambda _size: Family.OTHER
        self.set_caption(self.tr("Size"))
        context.settings.changed.connect(self._setting_changed)
        self._show_shape()

    @property
    def is_wide(self) -> bool:
        return True

    @property
    def size_now(self) -> Size:
        return int(self.wide.value), int(self.high.value)

    def set_value(self, key: str, value: object) -> None:
        super().set_value(key, value)
        if not self.high.hasFocus() and not self.wide.hasFocus():
            self._take_ratio()
        self._show_shape()

    def _fill(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, RING, 0)
        row.setSpacing(2)
        self.wide = NumberEditor(self.field, self.context, unit=self.tr("wide"), slider=False)
        self.high = NumberEditor(self._height_field, self.context, unit=self.tr("high"), slider=False)
        for field, editor in ((self.field, self.wide), (self._height_field, self.high)):
            editor.line.setAccessibleName(field.label)
            self._hold(field, editor)
        icons = self.context.icons
        self.swap = icon_button(
            icons.icon("swap", "muted"), self.tr("Swap width and height"), clicked=self.swap_sides, kind="tight"
        )
        self.lock = icon_button(icons.icon("unlock", "muted"), "", checkable=True, kind="tight")
        self.lock.toggled.connect(self._locked)
        self.shape = ShapeBox(self.context, self._size_of)
        self.shape.setAccessibleName(self.tr("Shape"))
        self.shape.size_chosen.connect(self._chosen)
        self.shape.keep_requested.connect(self._keep)
        row.addWidget(self.wide, 5)
        row.addWidget(self.swap)
        row.addWidget(self.lock)
        row.addWidget(self.high, 5)
        row.addSpacing(4)
        row.addWidget(self.shape, 5)
        column.addLayout(row)
        self._locked(False)

    def _hold(self, field: Field, editor: Editor) -> None:
        """As every row does, but the other side may come along with a value."""
        self.editors[field.key] = editor
        editor.value_changed.connect(lambda value: self._typed(field, editor, value))
        editor.problem_changed.connect(self._say)
        editor.problem_changed.connect(self.validity_changed)

    def swap_sides(self) -> None:
        """Portrait to landscape and back."""
        width, height = self.size_now
        self._take(height, width)
        self._take_ratio()

    def _typed(self, field: Field, editor: Editor, value: Any) -> None:
        is_wide = editor is self.wide
        if not self._ratio or not isinstance(value, int) or value <= 0:
            self.edited.emit(field.key, value)
        else:
            other = value / self._ratio if is_wide else value * self._ratio
            new = shapes.snapped(other, self._steps()[is_wide])
            self._take(*((value, new) if is_wide else (new, value)), typed=editor)
        self._show_shape()

    def _chosen(self, width: int, height: int) -> None:
        self._take(width, height)
        self._take_ratio()

    def _size_of(self, shape: Size) -> Size:
        width, height = self.size_now
        own = (self.field.value, self._height_field.value)
        return shapes.size_of(shape, self.family_of(own), width * height, self._steps())

    def _take(self, width: int, height: int, *, typed: Editor | None = None) -> None:
        """Both sides at once; that of `typed` stands in its editor already."""
        changed: dict[str, int] = {}
        for field, editor, value in ((self.field, self.wide, width), (self._height_field, self.high, height)):
            if editor is typed:
                changed[field.key] = value
                continue
            value = int(editor.scale.within(value))
            if value != editor.value:
                editor.set_value(value)
                changed[field.key] = value
        if changed:
            self.sized.emit(changed)
        self._show_shape()

    def _locked(self, on: bool) -> None:
        self.lock.setIcon(self.context.icons.icon("lock" if on else "unlock", "accent" if on else "muted"))
        words = self.tr("Width and height keep their ratio") if on else self.tr("Keep the ratio of width and height")
        self.lock.setAccessibleName(words)
        set_plain_tooltip(self.lock, words)
        self._ratio = 0.0
        self._take_ratio()

    def _take_ratio(self) -> None:
        """The ratio to keep is that of the size that was chosen, not that of a half-typed number."""
        width, height = self.size_now
        if self.lock.isChecked() and width > 0 and height > 0:
            self._ratio = width / height

    def _keep(self) -> None:
        settings = self.context.settings
        settings.set(**{FAVOURITES: shapes.with_favourite(settings.get(FAVOURITES), self.size_now)})

    def _setting_changed(self, name: str) -> None:
        if name == FAVOURITES:
            self._show_shape()

    def _show_shape(self) -> None:
        if hasattr(self, "shape"):
            known = shapes.favourites(self.context.settings.get(FAVOURITES))
            self.shape.show_size(self.size_now, shapes.shape_of(*self.size_now), known)

    def _steps(self) -> tuple[int, int]:
        return int(self.wide.scale.step), int(self.high.scale.step)
