"""The editor for curves: points on a small canvas, for pointer and keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from comfydesk.form import curve
from comfydesk.form.curve import Curve
from comfydesk.form.fields import Field
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.style.tokens import RADIUS
from comfydesk.gui.widgets.labels import label
from comfydesk.gui.widgets.segmented import SegmentedControl

HEIGHT = 170
REACH = 12  # pixels around a point in which a press takes it
STEP = 0.01  # of the side an arrow key moves a point; ten times that with Shift
GAP = 0.002  # that points keep from each other
STRAIGHT = Curve(((0.0, 0.0), (1.0, 1.0)))


class CurveEditor(Editor):
    """`value` in the spelling that it had: the page writes a dict of points, older files a list."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        column.setSpacing(4)
        self.canvas = CurveCanvas(context, self)
        self.canvas.setAccessibleName(field.label)
        self.canvas.setAccessibleDescription(
            self.tr("Page up and down choose a point, arrow keys move it, Insert adds one, Delete takes it away")
        )
        column.addWidget(self.canvas)
        row = QHBoxLayout()
        self.joined = SegmentedControl(
            [
                (curve.SMOOTH, self.tr("Smooth"), self.tr("A smooth line that never overshoots its points")),
                (curve.STRAIGHT, self.tr("Straight"), self.tr("Straight lines from point to point")),
            ],
            curve.SMOOTH,
        )
        self.said = label("", "muted")
        row.addWidget(self.joined)
        row.addStretch(1)
        row.addWidget(self.said)
        column.addLayout(row)
        self.canvas.changed.connect(self._take)
        self.canvas.picked.connect(self._say)
        self.joined.value_changed.connect(lambda way: self._take(replace(self.canvas.curve, interpolation=way)))
        self.setFocusProxy(self.canvas)
        self.set_value(field.value)

    @property
    def value(self) -> Any:
        return self.canvas.curve.value

    def set_value(self, value: Any) -> None:
        self._show(curve.read(value) or STRAIGHT)

    def _take(self, made: Curve) -> None:
        changed = made != self.canvas.curve
        self._show(made)
        if changed:
            self.value_changed.emit(self.value)

    def _show(self, made: Curve) -> None:
        self.canvas.show_curve(made)
        self.joined.set_value(made.interpolation)
        self.joined.setVisible(not isinstance(made.written, list))
        self._say()

    def _say(self) -> None:
        point = self.canvas.point
        self.said.setText("" if point is None else f"{point[0]:.2f}  →  {point[1]:.2f}")

    def show_severity(self, severity: str) -> None:
        self.canvas.set_severity(severity)


class CurveCanvas(QWidget):
    """Double click or Insert adds a point, Delete or a right click takes one away; the two ends stay."""

    changed = Signal(object)
    picked = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.curve = STRAIGHT
        self._at = 0
        self._held = False
        self._severity = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        context.theme.changed.connect(self.update)

    @property
    def point(self) -> curve.Point | None:
        """The chosen point."""
        return self.curve.points[self._at] if self._at < len(self.curve.points) else None

    def show_curve(self, made: Curve) -> None:
        self.curve = made
        self._at = min(self._at, max(0, len(made.points) - 1))
        self.update()

    def set_severity(self, severity: str) -> None:
        self._severity = severity
        self.update()

    def move_point(self, x: float, y: float) -> None:
        """Move the chosen point; it stays between its neighbours."""
        points = list(self.curve.points)
        if not points:
            return
        low = points[self._at - 1][0] + GAP if self._at else 0.0
        high = points[self._at + 1][0] - GAP if self._at + 1 < len(points) else 1.0
        points[self._at] = (_unit(min(max(x, low), max(low, high))), _unit(y))
        self._emit(points)

    def add_point(self, x: float, y: float) -> None:
        if len(self.curve.points) < curve.MAX_POINTS and all(abs(x - other) > GAP for other, _ in self.curve.points):
            points = sorted([*self.curve.points, (_unit(x), _unit(y))])
            self._at = points.index((_unit(x), _unit(y)))
            self._emit(points)

    def remove_point(self) -> None:
        if len(self.curve.points) > 2:
            points = list(self.curve.points)
            del points[self._at]
            self._at = max(0, self._at - 1)
            self._emit(points)

    def _emit(self, points: list[curve.Point]) -> None:
        self.changed.emit(replace(self.curve, points=tuple(points)))

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        near = self._near(event.position())
        if near is None:
            return
        self._at = near
        self.picked.emit()
        if event.button() == Qt.MouseButton.RightButton:
            self.remove_point()
        self._held = event.button() == Qt.MouseButton.LeftButton
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self.move_point(*self._unit_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._near(event.position()) is None:
            self.add_point(*self._unit_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, point = Qt.Key(event.key()), self.point
        far = STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        moves = {
            Qt.Key.Key_Left: (-far, 0.0),
            Qt.Key.Key_Right: (far, 0.0),
            Qt.Key.Key_Up: (0.0, far),
            Qt.Key.Key_Down: (0.0, -far),
        }
        if key in moves and point is not None:
            self.move_point(round(point[0] + moves[key][0], 4), round(point[1] + moves[key][1], 4))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            step = 1 if key == Qt.Key.Key_PageDown else -1
            self._at = min(max(self._at + step, 0), len(self.curve.points) - 1)
            self.picked.emit()
            self.update()
        elif key == Qt.Key.Key_Insert and point is not None:
            self._insert()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_point()
        else:
            super().keyPressEvent(event)

    def _insert(self) -> None:
        """A point half way to the next one."""
        points = self.curve.points
        at = min(self._at, len(points) - 2)
        if at >= 0:
            x = round((points[at][0] + points[at + 1][0]) / 2, 4)
            self.add_point(x, round(curve.through(self.curve)(x), 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._context.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = {"error": tokens.error, "warning": tokens.warning}.get(self._severity)
        painter.setBrush(QColor(tokens.field))
        painter.setPen(QPen(QColor(edge or (tokens.accent if self.hasFocus() else tokens.control)), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        room = self._room()
        painter.setPen(QPen(QColor(tokens.line), 1))
        for quarter in range(5):
            x, y = room.left() + room.width() * quarter / 4, room.top() + room.height() * quarter / 4
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        height = curve.through(self.curve)
        path = QPainterPath(self._pixel(0.0, height(0.0)))
        for step in range(1, 101):
            path.lineTo(self._pixel(step / 100, height(step / 100)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.text), 2))
        painter.setClipRect(self.rect().adjusted(2, 2, -2, -2))
        painter.drawPath(path)
        painter.setPen(QPen(QColor(tokens.field), 2))
        for index, (x, y) in enumerate(self.curve.points):
            chosen = index == self._at and self.hasFocus()
            painter.setBrush(QColor(tokens.accent if chosen else tokens.text))
            painter.drawEllipse(self._pixel(x, y), 6 if chosen else 5, 6 if chosen else 5)

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(10, 10, -10, -10)

    def _pixel(self, x: float, y: float) -> QPointF:
        room = self._room()
        return QPointF(room.left() + x * room.width(), room.bottom() - y * room.height())

    def _unit_at(self, at: QPointF) -> tuple[float, float]:
        room = self._room()
        x, y = (at.x() - room.left()) / room.width(), (room.bottom() - at.y()) / room.height()
        return round(_unit(x), 4), round(_unit(y), 4)

    def _near(self, at: QPointF) -> int | None:
        far = [(self._pixel(x, y) - at).manhattanLength() for x, y in self.curve.points]
        nearest = min(range(len(far)), key=far.__getitem__, default=None)
        return nearest if nearest is not None and far[nearest] <= REACH else None


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
