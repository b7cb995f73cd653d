"""The mask editor's tool bar: what paints, how large and how soft, and what happens to the whole mask at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.form.mask.brush import LARGEST, Brush
from comfydesk.gui.widgets.buttons import button, icon_button
from comfydesk.gui.widgets.flow import FlowLayout
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.segmented import SegmentedControl

_STEPS = 200  # of the size's slider, which is finer for small brushes


class MaskTools(QWidget):
    """`brush_changed(Brush)`, `erasing_changed(bool)`, `opacity_changed(float)`, `asked(str)`: undo, redo, invert,
    fill, clear or fit."""

    brush_changed = Signal(object)
    erasing_changed = Signal(object)
    opacity_changed = Signal(float)
    asked = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brush = Brush()
        row = FlowLayout(self, spacing=14, line_spacing=8)
        brush = (False, self.tr("Brush"), self.tr("Mark what shall change (B)"))
        self.tool = SegmentedControl([brush, (True, self.tr("Eraser"), self.tr("Take the mark away (E)"))], False)
        self.tool.value_changed.connect(self.erasing_changed)
        row.addWidget(self.tool)
        self.size, self._size_text = self._slider(row, self.tr("Size"), self.tr("Size of the brush: [ and ]"), _STEPS)
        self.size.valueChanged.connect(lambda _: self._typed())
        self.hardness, self._hardness_text = self._slider(
            row, self.tr("Hardness"), self.tr("How sharp its edge is: { and }"), 100
        )
        self.hardness.valueChanged.connect(lambda _: self._typed())
        self.opacity, self._opacity_text = self._slider(
            row, self.tr("Overlay"), self.tr("How strongly the mask is shown; the file is the same"), 100
        )
        self.opacity.valueChanged.connect(self._show_opacity)
        self.opacity.setValue(60)
        row.addWidget(self._whole(context))
        self.show_brush(self._brush)

    def show_brush(self, brush: Brush) -> None:
        """Show a brush that was changed by keys."""
        self._brush = brush
        for slider, value in ((self.size, _to_step(brush.size)), (self.hardness, round(brush.hardness * 100))):
            slider.blockSignals(True)
            slider.setValue(value)
            slider.blockSignals(False)
        self._say()

    def show_erasing(self, erasing: bool) -> None:
        self.tool.set_value(erasing)

    def show_history(self, *, can_undo: bool, can_redo: bool) -> None:
        self.undo.setEnabled(can_undo)
        self.redo.setEnabled(can_redo)

    def _whole(self, context: Context) -> QWidget:
        """The buttons that act on the whole mask."""
        held = QWidget()
        row = QHBoxLayout(held)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.undo = icon_button(context.icons.icon("undo"), self.tr("Undo (Ctrl+Z)"), clicked=self._ask("undo"))
        self.redo = icon_button(context.icons.icon("redo"), self.tr("Redo (Ctrl+Shift+Z)"), clicked=self._ask("redo"))
        row.addWidget(self.undo)
        row.addWidget(self.redo)
        for key, text, tip in (
            ("invert", self.tr("Invert"), self.tr("Mark what is clear, clear what is marked (I)")),
            ("fill", self.tr("Fill"), self.tr("Mark everything (F)")),
            ("clear", self.tr("Clear"), self.tr("Mark nothing (Delete)")),
            ("fit", self.tr("Fit"), self.tr("Show the whole picture (0)")),
        ):
            made = button(text, "quiet", clicked=self._ask(key))
            made.setToolTip(tip)
            made.setAutoDefault(False)
            row.addWidget(made)
        self.show_history(can_undo=False, can_redo=False)
        return held

    def _ask(self, what: str) -> Callable[[], None]:
        return lambda: self.asked.emit(what)

    def _slider(self, row: FlowLayout, name: str, tip: str, most: int) -> tuple[QSlider, object]:
        held = QWidget()
        column = QVBoxLayout(held)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        text = label(name, "small")
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, most)
        slider.setFixedWidth(120)
        slider.setAccessibleName(name)
        slider.setToolTip(tip)
        column.addWidget(text)
        column.addWidget(slider)
        row.addWidget(held)
        return slider, text

    def _typed(self) -> None:
        self._brush = replace(self._brush, size=_to_size(self.size.value()), hardness=self.hardness.value() / 100)
        self._say()
        self.brush_changed.emit(self._brush)

    def _show_opacity(self, percent: int) -> None:
        self._opacity_text.setText(self.tr("Overlay {n} %").format(n=percent))
        self.opacity_changed.emit(percent / 100)

    def _say(self) -> None:
        self._size_text.setText(self.tr("Size {n} px").format(n=self._brush.size))
        self._hardness_text.setText(self.tr("Hardness {n} %").format(n=round(self._brush.hardness * 100)))


def _to_size(step: int) -> int:
    return max(1, round(math.exp(step / _STEPS * math.log(LARGEST))))


def _to_step(size: int) -> int:
    return round(math.log(max(1, size)) / math.log(LARGEST) * _STEPS)
