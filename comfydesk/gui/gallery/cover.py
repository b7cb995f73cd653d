"""The picture at the top of the details; for what has none, its icon."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.gallery.tiles import RADIUS

LOWEST, HIGHEST, PLAIN = 90, 420, 150  # pixels
GAP = 4


class Cover(QWidget):
    """As wide as its column and as high as the picture wants, within limits. `clicked`."""

    clicked = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._image = QImage()
        self._scaled = QPixmap()
        self._tiles: list[QPixmap] = []
        self._icon = "file"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Picture"))
        context.theme.changed.connect(self.update)

    @property
    def has_image(self) -> bool:
        return not self._image.isNull()

    def expect(self, width: int, height: int) -> None:
        """Make room for a picture of that size before it is here, so that nothing jumps."""
        self._clear()
        self._fit(width, height)

    def show_image(self, image: QImage) -> None:
        self._clear()
        self._image = image
        self._fit(image.width(), image.height())

    def show_icon(self, name: str) -> None:
        """For a file that has no picture."""
        self._clear()
        self._icon = name
        self.setFixedHeight(PLAIN)
        self.update()

    def show_tiles(self, tiles: list[QPixmap]) -> None:
        """For several files: up to four of them."""
        self._clear()
        self._tiles = tiles[: {3: 2}.get(len(tiles), 4)]
        columns = min(2, max(1, len(self._tiles)))
        self._fit(columns, -(-len(self._tiles) // 2) or 1)

    def _clear(self) -> None:
        self._image, self._scaled, self._tiles, self._icon = QImage(), QPixmap(), [], ""

    def _fit(self, width: int, height: int) -> None:
        wanted = round(self.width() * height / width) if width and height else PLAIN
        self.setFixedHeight(min(max(wanted, LOWEST), HIGHEST))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width() and self.has_image:
            self._fit(self._image.width(), self._image.height())
        self._scaled = QPixmap()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.fillPath(shape, QColor(self._context.theme.tokens.raised))
        if self.has_image:
            ratio = self.devicePixelRatioF()
            if self._scaled.isNull():
                self._scaled = QPixmap.fromImage(
                    self._image.scaled(
                        self.size() * ratio,
                        Qt.AspectRatioMode.KeepAspectRatio,
                        Qt.TransformationMode.SmoothTransformation,
                    )
                )
                self._scaled.setDevicePixelRatio(ratio)
            size = self._scaled.deviceIndependentSize()
            painter.setClipPath(shape)
            painter.drawPixmap(
                round((self.width() - size.width()) / 2), round((self.height() - size.height()) / 2), self._scaled
            )
        elif self._tiles:
            painter.fillPath(shape, QColor(self._context.theme.tokens.panel))
            painter.setClipPath(shape)
            self._paint_tiles(painter)
        elif self._icon:
            icon = self._context.icons.pixmap(self._icon, 36, "muted", ratio=self.devicePixelRatioF())
            painter.drawPixmap(self.width() // 2 - 18, self.height() // 2 - 18, icon)

    def _paint_tiles(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = (self.width() - GAP) / 2
        for number, tile in enumerate(self._tiles):
            box = QRectF(number % 2 * (side + GAP), number // 2 * (side + GAP), side, side)
            painter.drawPixmap(box, tile, QRectF(tile.rect()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
