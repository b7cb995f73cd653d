"""Line icons of one style, coloured from the theme by one icon engine.

The pictures are `resources/icons/NAME.svg`: a 24 px grid, 1.75 px strokes, round caps, drawn in `currentColor`.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from comfydesk.base import resources

from .theme import Theme


class Icons:
    """Gives icons by name. `role` is a colour of the tokens ("text", "muted", "accent", "error", …)."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def icon(self, name: str, role: str = "text", *, on: str = "") -> QIcon:
        """The icon `name`; a checked button shows it in the colour `on` (default: the same). KeyError if unknown."""
        source(name)
        return QIcon(_Engine(self._theme, name, role, on or role))

    def pixmap(self, name: str, size: int, role: str = "text", *, ratio: float = 1.0) -> QPixmap:
        """The icon as a picture of `size` device-independent pixels."""
        return render(name, self._theme.color(role), QSize(size, size), ratio)


@cache
def source(name: str) -> str:
    """The SVG text of an icon. Raises KeyError for a name that does not exist."""
    file = resources.path(f"icons/{name}.svg")
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        raise KeyError(f"no icon is named {name!r}") from None


def render(name: str, color: QColor, size: QSize, ratio: float = 1.0) -> QPixmap:
    """The icon in that colour; `size` in device-independent pixels, cached by Qt."""
    key = f"comfydesk-icon:{name}:{color.name(QColor.NameFormat.HexArgb)}:{size.width()}x{size.height()}@{ratio}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    side = min(size.width(), size.height())
    square = QRectF((size.width() - side) / 2, (size.height() - side) / 2, side, side)
    renderer = QSvgRenderer(QByteArray(source(name).replace("currentColor", color.name()).encode()))
    renderer.render(painter, square)
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


class _Engine(QIconEngine):
    def __init__(self, theme: Theme, name: str, role: str, on: str) -> None:
        super().__init__()
        self._theme, self._name, self._role, self._on = theme, name, role, on

    def _color(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        if mode == QIcon.Mode.Disabled:
            return self._theme.color("faint")
        return self._theme.color(self._on if state == QIcon.State.On else self._role)

    def clone(self) -> QIconEngine:
        return _Engine(self._theme, self._name, self._role, self._on)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatioF()
        pixmap = render(self._name, self._color(mode, state), rect.size(), ratio)
        painter.drawPixmap(QPoint(rect.x(), rect.y()), pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return render(self._name, self._color(mode, state), size)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return render(self._name, self._color(mode, state), size, scale)
