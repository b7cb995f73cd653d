"""The editor for a bounding box: place and size in pixels, typed, or drawn on the picture where there is one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Kind
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.form.number_editor import NumberEditor
from comfydesk.gui.form.upload_files import Look
from comfydesk.gui.form.upload_look import UploadLook

SIDES = ("x", "y", "width", "height")
MAX_SIDE = 16_384  # as the page's own box (frontend 1.49.6)
STEP = 8  # pixels of the picture an arrow key moves the box; 1 with Ctrl
HEIGHT = 180
SIDE = 720  # pixels of the picture's smaller version, enough for a scale of 200 %


class BoxEditor(Editor):
    """`value`: {"x", "y", "width", "height"} in pixels of the picture; other entries of it stay as they are."""

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(field, context, parent)
        self._value: dict[str, Any] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.canvas = BoxCanvas(context, self)
        self.canvas.setAccessibleName(self.tr("{box}, drawn").format(box=field.label))
        self.canvas.hide()
        self.canvas.drawn.connect(self._drawn)
        self._look = UploadLook(context, Kind.IMAGE, self)
        self._look.arrived.connect(self._looked)
        self._look.gone.connect(self.canvas.hide)
        column.addWidget(self.canvas)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        captions = {"x": self.tr("left"), "y": self.tr("top"), "width": self.tr("wide"), "height": self.tr("high")}
        self.sides: dict[str, NumberEditor] = {}
        for index, side in enumerate(SIDES):
            least = 1 if side in ("width", "height") else 0
            inner = Field(field.key, field.node_id, side, captions[side], Kind.INT, least, min=least, max=MAX_SIDE)
            editor = NumberEditor(inner, context, caption=captions[side], slider=False)
            editor.line.setAccessibleName(f"{field.label}, {captions[side]}")
            editor.value_changed.connect(lambda number, name=side: self._take({name: int(number)}))
            editor.problem_changed.connect(self._say)
            self.sides[side] = editor
            grid.addWidget(editor, index // 2, index % 2)
        column.addLayout(grid)
        self.setFocusProxy(self.sides["x"].line)
        self.set_value(field.value)

    @property
    def value(self) -> dict[str, Any]:
        return dict(self._value)

    def set_value(self, value: Any) -> None:
        self._value = dict(value) if isinstance(value, dict) else {}
        for side, editor in self.sides.items():
            editor.set_value(_whole(self._value.get(side)))
        self.canvas.show_box(self._rect())

    def look_at(self, value: Any, host_id: str) -> None:
        """Draw on the picture of another field, whose value this is; without one there are only the numbers."""
        self.canvas.hide()
        self._look.show(value, host_id, SIDE)

    def _looked(self, look: Look) -> None:
        self.canvas.set_picture(look.image, QSize(look.width, look.height))
        self.canvas.setVisible(self.canvas.has_picture)

    def _rect(self) -> QRect:
        return QRect(*(_whole(self._value.get(side)) for side in SIDES))

    def _drawn(self, box: QRect) -> None:
        changed = dict(zip(SIDES, (box.x(), box.y(), box.width(), box.height()), strict=True))
        for side, number in changed.items():
            self.sides[side].set_value(number)
        self._take(changed)

    def _take(self, sides: dict[str, int]) -> None:
        before = self._value
        self._value = {**before, **sides}
        self.canvas.show_box(self._rect())
        if self._value != before:
            self.value_changed.emit(self.value)

    def _say(self) -> None:
        self._set_problem(next((editor.problem for editor in self.sides.values() if editor.problem), ""))


class BoxCanvas(QWidget):
    """A picture and the box on it: drag to draw a new one, drag inside to move it; arrow keys move, with Shift size."""

    drawn = Signal(QRect)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._picture: QImage | None = None
        self._size = QSize()
        self._box = QRect()
        self._start: QPointF | None = None
        self._moved: QRect | None = None  # the box where it was when a drag inside it began
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.CrossCursor)
        context.theme.changed.connect(self.update)

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    def set_picture(self, picture: QImage, size: QSize) -> None:
        """`picture` may be a smaller version; `size` is the real one's, which the box counts in."""
        self._picture = None if picture.isNull() or size.isEmpty() else picture
        self._size = size
        self.update()

    def show_box(self, box: QRect) -> None:
        self._box = box
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._picture is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._start = self._pixel(event.position())
        self._moved = self._box if self._box.contains(self._start.toPoint()) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._picture is None or self._start is None:
            return
        here = self._pixel(event.position())
        if self._moved is not None:
            self._draw(self._moved.translated((here - self._start).toPoint()))
        elif (here - self._start).manhattanLength() > 2:
            self._draw(QRectF(self._start, here).normalized().toAlignedRect())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._start = self._moved = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }.get(Qt.Key(event.key()))
        if steps is None or self._picture is None:
            super().keyPressEvent(event)
            return
        far = 1 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else STEP
        dx, dy = steps[0] * far, steps[1] * far
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._draw(self._box.adjusted(0, 0, dx, dy))
        else:
            self._draw(self._box.translated(dx, dy))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._context.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture is None:
            return
        place = self._place()
        painter.drawImage(place, self._picture)
        scale = place.width() / self._size.width()
        box = QRectF(
            place.x() + self._box.x() * scale,
            place.y() + self._box.y() * scale,
            self._box.width() * scale,
            self._box.height() * scale,
        )
        painter.setPen(QPen(QColor("#000000"), 3))
        painter.drawRect(box)
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else "#ffffff"), 1.5))
        painter.drawRect(box)

    def _place(self) -> QRectF:
        """Where the picture is drawn."""
        room = QRectF(self.rect()).adjusted(RING, RING, -RING, -RING)
        size = self._size.scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        made = QRectF(0, 0, max(1, size.width()), max(1, size.height()))
        made.moveCenter(room.center())
        return made

    def _pixel(self, at: QPointF) -> QPointF:
        place = self._place()
        scale = self._size.width() / place.width()
        x, y = (at.x() - place.x()) * scale, (at.y() - place.y()) * scale
        return QPointF(min(max(x, 0), self._size.width()), min(max(y, 0), self._size.height()))

    def _draw(self, box: QRect) -> None:
        width = min(max(1, box.width()), self._size.width())
        height = min(max(1, box.height()), self._size.height())
        x = min(max(0, box.x()), self._size.width() - width)
        y = min(max(0, box.y()), self._size.height() - height)
        self.drawn.emit(QRect(x, y, width, height))


def _whole(value: Any) -> int:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) and value == value else 0
    return int(min(max(number, 0), MAX_SIDE))
