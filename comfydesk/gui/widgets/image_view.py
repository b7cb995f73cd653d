"""A picture that can be zoomed and dragged; used by the stage and by the gallery's viewer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..style.theme import Theme
from .image_place import MAX_SCALE, Place


class ImageView(QWidget):
    """Shows one picture, fitted until a person zooms.

    Wheel and pinch zoom at the pointer, dragging moves, a double click switches between fit and 1:1.
    Keys: + - 0 (fit) 1 (1:1), arrows move. `scale_changed(float)`: device pixels of a picture pixel.
    """

    scale_changed = Signal(float)
    clicked = Signal()

    def __init__(self, theme: Theme, *, radius: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._radius = radius
        self._levels: tuple[QImage, ...] = ()
        self._size = QSize()
        self._place = Place()
        self._dimmed = False
        self._press: QPointF | None = None
        self._last = QPointF()
        self._cache: tuple[tuple[int, int, float], QPixmap] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 80)
        theme.changed.connect(self.update)

    # ---------------------------------------------------------------- contents

    def set_image(
        self,
        image: QImage | None,
        *,
        levels: Sequence[QImage] = (),
        full_size: QSize | None = None,
        keep_view: bool = False,
    ) -> None:
        """Show a decoded picture; None shows nothing.

        `levels`: the same picture at half, quarter… size (`pictures.levels`), for large ones. `full_size`: the size
        that 1:1 means when `image` is a smaller version (a preview). `keep_view` keeps zoom and place: live previews.
        """
        self._levels = () if image is None or image.isNull() else (image, *levels)
        self._size = QSize() if not self._levels else (full_size or self._levels[0].size())
        self._cache = None
        if not keep_view:
            self._place = Place()
        self.setAccessibleDescription(f"{self._size.width()} × {self._size.height()}" if self._levels else "")
        self._tell()

    @property
    def has_image(self) -> bool:
        return bool(self._levels)

    @property
    def image_size(self) -> QSize:
        return QSize(self._size)

    def set_dimmed(self, dimmed: bool) -> None:
        """Draw the picture faintly: the last good one behind an error."""
        self._dimmed = dimmed
        self.update()

    # -------------------------------------------------------------------- view

    @property
    def is_fitted(self) -> bool:
        return self._place.scale is None

    def fit(self) -> None:
        self._place = Place()
        self._tell()

    def actual_size(self) -> None:
        """One picture pixel on one device pixel."""
        self.zoom_to(1.0)

    def zoom_to(self, device_scale: float, at: QPointF | None = None) -> None:
        """Zoom so that a picture pixel covers `device_scale` device pixels; the point `at` stays where it is."""
        if not self._levels:
            return
        wanted = min(max(device_scale / self.devicePixelRatioF(), 0.01), MAX_SCALE)
        self._place = self._place.zoomed(wanted, at or QPointF(self.rect().center()), self._size, self.size())
        self._tell()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        self.zoom_to(self.device_scale * factor, at)

    @property
    def device_scale(self) -> float:
        """Device pixels of one picture pixel."""
        return self._place.shown_scale(self._size, self.size()) * self.devicePixelRatioF()

    def picture_rect(self) -> QRectF:
        """Where the picture lies in the widget."""
        return self._place.rect(self._size, self.size())

    def _tell(self) -> None:
        self.update()
        self.scale_changed.emit(self.device_scale if self._levels else 0.0)

    # ------------------------------------------------------------------ events

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._levels:
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing)
        target = self.picture_rect()
        if self._dimmed:
            painter.setOpacity(0.25)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.device_scale < 3.0)
        if self._place.scale is None:
            self._paint_fitted(painter, target)
        else:
            image = self._level_for(target.width() * self.devicePixelRatioF())
            painter.fillRect(target, self._theme.color("raised"))
            painter.drawImage(target, image)

    def _paint_fitted(self, painter: QPainter, target: QRectF) -> None:
        """The fitted picture is scaled once and kept: a repaint of the window must not scale it again."""
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(target.width() * ratio)), max(1, round(target.height() * ratio))
        key = (width, height, ratio)
        if self._cache is None or self._cache[0] != key:
            pixmap = QPixmap(width, height)
            pixmap.fill(self._theme.color("raised"))
            scaler = QPainter(pixmap)
            scaler.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            scaler.drawImage(QRectF(0, 0, width, height), self._level_for(width))
            scaler.end()
            self._cache = (key, pixmap)
        brush = QBrush(self._cache[1])
        brush.setTransform(QTransform.fromTranslate(target.x(), target.y()).scale(1 / ratio, 1 / ratio))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        painter.drawRoundedRect(target, self._radius, self._radius)

    def _level_for(self, device_width: float) -> QImage:
        """The smallest level that is still as wide as wanted."""
        fitting = [level for level in self._levels if level.width() >= device_width]
        return min(fitting, key=QImage.width) if fitting else self._levels[0]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._levels:
            self._place = self._place.kept_inside(self._size, self.size())
            self._tell()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._levels:
            event.ignore()
            return
        steps = event.angleDelta().y() / 120
        self.zoom_by(1.2**steps, event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and self._levels:
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1 + event.value(), event.position())
                return True
            if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
                self._switch(event.position())
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._levels:
            self._press = self._last = event.position()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or self._place.scale is None:
            return
        moved = event.position() - self._last
        self._last = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._place = self._place.moved(moved, self._size, self.size())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is not None:
            if (event.position() - self._press).manhattanLength() < 4:
                self.clicked.emit()
            self._press = None
            self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._switch(event.position())

    def _switch(self, at: QPointF) -> None:
        if self.is_fitted:
            self.zoom_to(1.0, at)
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        far = 60.0
        moves = {
            Qt.Key.Key_Left: QPointF(far, 0),
            Qt.Key.Key_Right: QPointF(-far, 0),
            Qt.Key.Key_Up: QPointF(0, far),
            Qt.Key.Key_Down: QPointF(0, -far),
        }
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1.25)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom_by(0.8)
        elif event.key() == Qt.Key.Key_0:
            self.fit()
        elif event.key() == Qt.Key.Key_1:
            self.actual_size()
        elif event.key() in moves and not self.is_fitted:
            self._place = self._place.moved(moves[Qt.Key(event.key())], self._size, self.size())
            self.update()
        else:
            event.ignore()
