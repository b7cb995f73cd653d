"""The editor for colours: a swatch and the code, typed or picked."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import Editor, FieldFrame
from comfydesk.gui.widgets.plain_line import PlainLine

HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
HEX_ALPHA = re.compile(r"#?([0-9a-fA-F]{8})")


class Swatch(QAbstractButton):
    """A small field of the colour itself; a click or Space asks for another."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._color = QColor(0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(QSize(30, 22))

    def show_color(self, text: str) -> None:
        self._color = color_of(text) or QColor(0, 0, 0, 0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._context.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._color)
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(tokens.accent if focused else tokens.control), 2 if focused else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 5, 5)


class ColorEditor(Editor):
    """A colour as `#rrggbb`, or as a number where the input counts colours (display "color" of an INT)."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self._value = ""
        self._is_number = field.kind is Kind.INT
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.frame = frame = FieldFrame(context, self)
        column.addWidget(frame)
        self.swatch = Swatch(context)
        self.swatch.setAccessibleName(self.tr("Pick {colour}").format(colour=field.label))
        self.swatch.clicked.connect(self.pick)
        frame.hold(self.swatch)
        self.line = PlainLine()
        self.line.setFrame(False)
        self.line.setProperty("kind", "bare")
        self.line.setMaxLength(40)
        self.line.setAccessibleName(field.label)
        frame.hold(self.line, 1)
        self.dialog: QColorDialog | None = None
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finish)
        self.setFocusProxy(self.line)
        self.set_value(field.value)

    @property
    def value(self) -> Any:
        return int(self._value[1:7], 16) if self._is_number else self._value

    def set_value(self, value: Any) -> None:
        self._value = hex_of(value)
        self._show()

    def pick(self) -> None:
        """Ask for a colour beside the window; the form goes on meanwhile."""
        if self.dialog is None:
            dialog = self.dialog = QColorDialog(self.window())
            dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
            dialog.setWindowTitle(self.field.label)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.setModal(False)
            dialog.destroyed.connect(self._forget)
            dialog.currentColorChanged.connect(self._picked)
            self.destroyed.connect(dialog.close)
        before = color_of(self._value)
        if before is not None:
            self.dialog.setCurrentColor(before)
        self.dialog.show()
        self.dialog.raise_()

    def _forget(self) -> None:
        self.dialog = None

    def _picked(self, color: QColor) -> None:
        if color.isValid():
            self._take(color.name())

    def _typed(self, text: str) -> None:
        text = text.strip()
        if not self._is_number and HEX_ALPHA.fullmatch(text):
            self._set_problem("")
            self._take("#" + text.lstrip("#").lower(), show=False)
            return
        if not HEX.fullmatch(text):
            self._set_problem(self.tr("A colour is written like #ff8800."))
            return
        self._set_problem("")
        self._take(hex_of(text), show=False)

    def _finish(self) -> None:
        self._set_problem("")
        self._show()

    def _take(self, text: str, *, show: bool = True) -> None:
        changed = text != self._value
        self._value = text
        if show:
            self._show()
        self.swatch.show_color(text)
        if changed:
            self.value_changed.emit(self.value)

    def _show(self) -> None:
        if self.line.text() != self._value:
            self.line.setText(self._value)
        self.swatch.show_color(self._value)


def hex_of(value: Any) -> str:
    """`#rrggbb` for a number or a short code; other text stays as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"#{value & 0xFFFFFF:06x}"
    text = "" if value is None else str(value).strip()
    if not HEX.fullmatch(text):
        return text
    digits = text.lstrip("#").lower()
    return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits)


def color_of(text: str) -> QColor | None:
    """The colour of a code; None for text that is none. Eight digits end in the opacity, as on web pages."""
    if HEX.fullmatch(text):
        return QColor(hex_of(text))
    found = HEX_ALPHA.fullmatch(text)
    return QColor(f"#{found[1][6:]}{found[1][:6]}") if found else None
