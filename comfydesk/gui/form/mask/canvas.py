"""The picture that is painted on: zoomed, dragged, and repainted only where a stroke touched it."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
    qRgba,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from comfydesk.gui.form.mask.brush import Box, Brush, cut
from comfydesk.gui.form.mask.layer import MaskLayer
from comfydesk.gui.style.theme import Theme
from comfydesk.gui.widgets.image_place import MAX_SCALE, Place

INK = (226, 62, 87)  # of the overlay: a colour that few pictures have much of
_RIM = 3  # pixels around the brush's circle


class MaskCanvas(QWidget):
    """Left button paints, right button takes away; the middle button, or space and the left one, drag the picture.

    `changed`: the mask is another one. `brush_changed`: by keys. `scale_changed`.
    """

    changed = Signal()
    brush_changed = Signal()
    scale_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.layer: MaskLayer | None = None
        self.brush = Brush()
        self.erasing = False
        self._shown: tuple[QImage, ...] = ()
        self._table: list[int] = []
        self._place = Place()
        self._pointer: QPointF | None = None
        self._dragged_from: QPointF | None = None
        self._space = False
        self.set_opacity(0.6)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Picture to paint on"))
        theme.changed.connect(self.update)

    def show_picture(self, shown: tuple[QImage, ...], layer: MaskLayer) -> None:
        """`shown`: the picture and its smaller versions."""
        self._shown, self.layer = shown, layer
        self._place = Place()
        self.setAccessibleDescription(f"{layer.width} × {layer.height}")
        self.update()
        self.scale_changed.emit()

    def set_opacity(self, opacity: float) -> None:
        """Of the mask's colour over the picture, 0 to 1."""
        self._table = [qRgba(*INK, round(value * opacity)) for value in range(256)]
        self.update()

    def set_brush(self, brush: Brush) -> None:
        self._with_circle(lambda: setattr(self, "brush", brush))

    def touched(self, box: Box | None) -> None:
        """Repaint this box of the picture's pixels, after the mask changed there."""
        if box is not None:
            self.update(self._to_view(box))
            self.changed.emit()

    # ---------------------------------------------------------------- view

    @property
    def scale(self) -> float:
        """View pixels of one picture pixel."""
        return self._place.shown_scale(self._shown[0].size(), self.size()) if self._shown else 1.0

    def fit(self) -> None:
        self._put(Place())

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """The point `at` stays where it is; without one, the middle."""
        if self._shown:
            wanted = min(max(self.scale * factor, 0.02), MAX_SCALE)
            middle = at or QPointF(self.rect().center())
            self._put(self._place.zoomed(wanted, middle, self._shown[0].size(), self.size()))

    def to_picture(self, at: QPointF) -> QPointF:
        """A point of the view in pixels of the picture."""
        rect = self._target()
        return QPointF((at.x() - rect.x()) / self.scale, (at.y() - rect.y()) / self.scale)

    def to_view(self, x: float, y: float) -> QPointF:
        rect = self._target()
        return QPointF(rect.x() + x * self.scale, rect.y() + y * self.scale)

    def _put(self, place: Place) -> None:
        self._place = place
        self.update()
        self.scale_changed.emit()

    def _target(self) -> QRectF:
        return self._place.rect(self._shown[0].size(), self.size()) if self._shown else QRectF()

    def _to_view(self, box: Box) -> QRect:
        top, bottom = self.to_view(box[0], box[1]), self.to_view(box[2], box[3])
        return QRectF(top, bottom).toAlignedRect().adjusted(-2, -2, 2, 2)

    def _circle(self) -> QRect:
        if self._pointer is None:
            return QRect()
        radius = self.brush.size / 2 * self.scale + _RIM
        middle = self._pointer
        return QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius).toAlignedRect()

    def _with_circle(self, change: Callable[[], object]) -> None:
        """Repaint the brush's circle where it was and where it is after `change`."""
        before = self._circle()
        change()
        self.update(before)
        self.update(self._circle())

    # ------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.fillRect(event.rect(), self._theme.color("background"))
        if self.layer is None or not self._shown:
            return
        target = self._target()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.scale < 3)
        painter.drawImage(target, self._level(target.width() * self.devicePixelRatioF()))
        self._paint_mask(painter, event.rect())
        if self._pointer is not None and self._dragged_from is None and not self._space:
            self._paint_circle(painter)

    def _level(self, width: float) -> QImage:
        """The smallest version that is still as wide as wanted."""
        fitting = [image for image in self._shown if image.width() >= width]
        return min(fitting, key=QImage.width) if fitting else self._shown[0]

    def _paint_mask(self, painter: QPainter, part: QRect) -> None:
        """The mask in its colour, made only for the part that is painted."""
        assert self.layer is not None
        top, bottom = self.to_picture(QPointF(part.topLeft())), self.to_picture(QPointF(part.bottomRight()))
        shrink = max(
            1, int(1 / (self.scale * self.devicePixelRatioF()))
        )  # so many of its pixels fall on one of the view
        # On one grid for every part, or the parts would not fit together.
        left, upper = ((math.floor(at / shrink) - 2) * shrink for at in (top.x(), top.y()))
        right, lower = ((math.ceil(at / shrink) + 3) * shrink for at in (bottom.x(), bottom.y()))
        box = cut((left, upper, right, lower), self.layer.width, self.layer.height)
        if box is None:
            return
        grey = self.layer.image.crop(box)
        if grey.getextrema()[1] == 0:
            return
        if shrink > 1:
            grey = grey.reduce(shrink)
        held = grey.tobytes()
        ink = QImage(held, grey.width, grey.height, grey.width, QImage.Format.Format_Indexed8)
        ink.setColorTable(self._table)
        ink = ink.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        start = self.to_view(box[0], box[1])
        step = self.scale * shrink
        painter.drawImage(QRectF(start.x(), start.y(), grey.width * step, grey.height * step), ink)

    def _paint_circle(self, painter: QPainter) -> None:
        """Dark and light, so that it shows on every picture."""
        radius = max(1.0, self.brush.size / 2 * self.scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in (("#000000", 3.0), ("#ffffff", 1.2)):
            style = Qt.PenStyle.DashLine if self.erasing and width < 2 else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(colour), width, style))
            painter.drawEllipse(self._pointer, radius, radius)

    # ---------------------------------------------------------------- input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or (self._space and event.button() == Qt.MouseButton.LeftButton):
            self._with_circle(lambda: setattr(self, "_dragged_from", event.position()))
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.layer is not None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            at = self.to_picture(event.position())
            erase = self.erasing != (event.button() == Qt.MouseButton.RightButton)
            self.touched(self.layer.press(at.x(), at.y(), self.brush, erase=erase))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None and self._shown:
            moved, self._dragged_from = event.position() - self._dragged_from, event.position()
            self._pointer = event.position()
            self._put(
                self._place.moved(moved, self._shown[0].size(), self.size()) if self._place.scale else self._place
            )
            return
        self._with_circle(lambda: setattr(self, "_pointer", event.position()))
        if self.layer is not None and self.layer.is_painting:
            at = self.to_picture(event.position())
            self.touched(self.layer.move(at.x(), at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None:
            self._with_circle(lambda: setattr(self, "_dragged_from", None))
            self._show_cursor()
        elif self.layer is not None and self.layer.is_painting:
            self.layer.release()
            self.changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._resize_brush(round(steps) or (1 if steps > 0 else -1))
        else:
            self.zoom_by(1.2**steps, event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._with_circle(lambda: setattr(self, "_pointer", None))

    def enterEvent(self, event: QEvent) -> None:
        super().enterEvent(event)
        self._show_cursor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown:
            self._put(self._place.kept_inside(self._shown[0].size(), self.size()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        arrows = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self._resize_brush(-1 if key == Qt.Key.Key_BracketLeft else 1)
        elif key in (Qt.Key.Key_BraceLeft, Qt.Key.Key_BraceRight):
            self.set_brush(self.brush.hardened(-0.1 if key == Qt.Key.Key_BraceLeft else 0.1))
            self.brush_changed.emit()
        elif key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._with_circle(lambda: setattr(self, "_space", True))
            self._show_cursor()
        elif key in arrows:
            self._step(*arrows[Qt.Key(key)], fine=shift)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._dab()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom_by(0.8 if key == Qt.Key.Key_Minus else 1.25, self._pointer)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._with_circle(lambda: setattr(self, "_space", False))
            self._show_cursor()
        else:
            super().keyReleaseEvent(event)

    def _resize_brush(self, steps: int) -> None:
        self.set_brush(self.brush.resized(steps))
        self.brush_changed.emit()

    def _step(self, x: int, y: int, *, fine: bool) -> None:
        """Move the brush by keys, to set it down with Enter."""
        way = max(1.0, 1.0 if fine else self.brush.size / 2 * self.scale)
        at = self._pointer or QPointF(self.rect().center())
        to = QPointF(
            min(max(at.x() + x * way, 0.0), self.width() - 1.0), min(max(at.y() + y * way, 0.0), self.height() - 1.0)
        )
        self._with_circle(lambda: setattr(self, "_pointer", to))

    def _dab(self) -> None:
        if self.layer is not None and self._pointer is not None:
            at = self.to_picture(self._pointer)
            box = self.layer.press(at.x(), at.y(), self.brush, erase=self.erasing)
            self.layer.release()
            self.touched(box)

    def _show_cursor(self) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.BlankCursor)
