"""Width and height in one row, with the usual shapes and a swap."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.form.field_row import FieldRow
from comfydesk.gui.form.number_editor import NumberEditor
from comfydesk.gui.widgets.buttons import icon_button

SHAPES = ((1, 1), (5, 4), (4, 3), (3, 2), (16, 9), (21, 9), (4, 5), (3, 4), (2, 3), (9, 16), (9, 21))


class SizeRow(FieldRow):
    """`width` and `height` of one node."""

    def __init__(self, width: Field, height: Field, context: Context, parent: QWidget | None = None) -> None:
        self._height_field = height
        super().__init__(width, context, parent)
        self.set_caption(self.tr("Size"))
        self._show_shape()

    @property
    def is_wide(self) -> bool:
        return True

    def set_value(self, key: str, value: object) -> None:
        super().set_value(key, value)
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
            editor.value_changed.connect(self._show_shape)
            row.addWidget(editor, 5)
        swap = self.context.icons.icon("swap", "muted")
        self.swap = icon_button(swap, self.tr("Swap width and height"), clicked=self.swap_sides)
        row.insertWidget(1, self.swap)
        self.shape = ShapeBox()
        self.shape.setAccessibleName(self.tr("Shape"))
        self.shape.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.shape.setMinimumContentsLength(4)
        self.shape.activated.connect(self._chosen)
        row.addSpacing(4)
        row.addWidget(self.shape, 5)
        column.addLayout(row)

    def swap_sides(self) -> None:
        """Portrait to landscape and back."""
        self._take(int(self.high.value), int(self.wide.value))

    def _chosen(self, index: int) -> None:
        shape = self.shape.itemData(index)
        if shape is not None:
            self._take(*sides(shape, int(self.wide.value) * int(self.high.value), grid(self.field, self._height_field)))

    def _take(self, width: int, height: int) -> None:
        for field, editor, value in ((self.field, self.wide, width), (self._height_field, self.high, height)):
            value = int(editor.scale.within(value))
            if value != editor.value:
                editor.set_value(value)
                self.edited.emit(field.key, value)
        self._show_shape()

    def _show_shape(self) -> None:
        if not hasattr(self, "shape"):
            return
        width, height = int(self.wide.value), int(self.high.value)
        found = shape_of(width, height)
        with QSignalBlocker(self.shape):
            self.shape.clear()
            if found is None:
                self.shape.addItem(self.tr("Own shape"), None)
            for shape in SHAPES:
                self.shape.addItem(self._name(shape), shape)
            self.shape.setCurrentIndex(0 if found is None else SHAPES.index(found))

    def _name(self, shape: tuple[int, int]) -> str:
        kind = self.tr("Square") if shape == (1, 1) else self.tr("Wide") if shape[0] > shape[1] else self.tr("Tall")
        return f"{shape[0]}:{shape[1]} {kind}"


class ShapeBox(QComboBox):
    """A combo box that leaves the wheel to the form."""

    def wheelEvent(self, event: object) -> None:
        event.ignore()


def grid(*fields: Field) -> int:
    """Sides that models are trained on are multiples of 64, or of the input's own step where that is larger."""
    return max(64, *(int(field.step or 1) for field in fields))


def sides(shape: tuple[int, int], area: int, unit: int) -> tuple[int, int]:
    """Sides of that shape with about that many pixels, both multiples of `unit`."""
    ratio = shape[0] / shape[1]
    width = max(unit, round(math.sqrt(area * ratio) / unit) * unit)
    height = max(unit, round(math.sqrt(area / ratio) / unit) * unit)
    return width, height


def shape_of(width: int, height: int) -> tuple[int, int] | None:
    """The usual shape that these sides have or are nearest to (within 4 %), or None."""
    if width <= 0 or height <= 0:
        return None
    exact = next((s for s in SHAPES if s[0] * height == s[1] * width), None)
    if exact is not None:
        return exact
    nearest = min(SHAPES, key=lambda s: abs(math.log(width / height) - math.log(s[0] / s[1])))
    return nearest if abs(math.log(width / height) - math.log(nearest[0] / nearest[1])) < 0.04 else None
