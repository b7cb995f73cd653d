"""Where a picture lies in its view: pure arithmetic of fit, zoom and drag, in device-independent pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize

MAX_SCALE = 32.0


@dataclass(frozen=True, slots=True)
class Place:
    """`scale` None: fitted. `x`, `y`: the picture's top left corner in the view, used only when zoomed."""

    scale: float | None = None
    x: float = 0.0
    y: float = 0.0

    def shown_scale(self, picture: QSize, view: QSize) -> float:
        """View pixels of one picture pixel; a fitted picture is never drawn larger than the view."""
        if self.scale is not None:
            return self.scale
        if picture.isEmpty() or view.isEmpty():
            return 1.0
        return min(view.width() / picture.width(), view.height() / picture.height())

    def rect(self, picture: QSize, view: QSize) -> QRectF:
        scale = self.shown_scale(picture, view)
        width, height = picture.width() * scale, picture.height() * scale
        if self.scale is None:
            return QRectF((view.width() - width) / 2, (view.height() - height) / 2, width, height)
        return QRectF(self.x, self.y, width, height)

    def zoomed(self, scale: float, at: QPointF, picture: QSize, view: QSize) -> Place:
        """At another scale, with the picture's point under `at` staying there."""
        now = self.rect(picture, view)
        factor = scale / self.shown_scale(picture, view)
        x = at.x() - (at.x() - now.x()) * factor
        y = at.y() - (at.y() - now.y()) * factor
        return Place(scale, x, y).kept_inside(picture, view)

    def moved(self, by: QPointF, picture: QSize, view: QSize) -> Place:
        return replace(self, x=self.x + by.x(), y=self.y + by.y()).kept_inside(picture, view)

    def kept_inside(self, picture: QSize, view: QSize) -> Place:
        """Centred along a side that has room, else without a gap at either edge."""
        if self.scale is None:
            return self
        return replace(
            self,
            x=_kept(self.x, picture.width() * self.scale, view.width()),
            y=_kept(self.y, picture.height() * self.scale, view.height()),
        )


def _kept(start: float, length: float, room: float) -> float:
    if length <= room:
        return (room - length) / 2
    return min(0.0, max(start, room - length))
