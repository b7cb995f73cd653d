"""The mask of one picture: grey values, 255 where the workflow shall change it. No Qt."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image, ImageChops

from comfydesk.gui.form.mask.brush import Box, Brush, along, cut, stamp, united
from comfydesk.gui.form.mask.history import History


class MaskLayer:
    """Every change returns the box of pixels that it touched, None where it touched none."""

    def __init__(self, width: int, height: int, mask: Image.Image | None = None) -> None:
        if mask is not None and (mask.mode != "L" or mask.size != (width, height)):
            raise ValueError("the mask is not one of that picture")
        self.image = mask.copy() if mask is not None else Image.new("L", (width, height), 0)
        self.history = History(self.image)
        self._at: tuple[float, float] | None = None
        self._shape: tuple[Brush, bool] | None = None

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height

    @property
    def is_empty(self) -> bool:
        """Nothing is marked."""
        return bool(self.image.getextrema()[1] == 0)

    @property
    def is_painting(self) -> bool:
        return self._shape is not None

    def press(self, x: float, y: float, brush: Brush, *, erase: bool = False) -> Box | None:
        """Begin a stroke."""
        self.release()
        self.history.begin()
        if erase:  # a little more, or the soft rim that the same brush left would stay
            brush = replace(brush, size=brush.size + 2)
        self._shape = brush, erase
        self._at = x, y
        return self._touch(x, y)

    def move(self, x: float, y: float) -> Box | None:
        """Draw on from where the stroke was."""
        if self._at is None or self._shape is None:
            return None
        touched: Box | None = None
        for each in along(*self._at, x, y, self._shape[0].spacing):
            touched = united(touched, self._touch(*each))
        self._at = x, y
        return touched

    def release(self) -> bool:
        """End the stroke. Returns whether it changed anything."""
        if self._shape is None:
            return False
        self._shape = self._at = None
        return self.history.end()

    def fill(self) -> Box | None:
        return self._whole(Image.new("L", self.image.size, 255))

    def clear(self) -> Box | None:
        return self._whole(Image.new("L", self.image.size, 0))

    def invert(self) -> Box | None:
        return self._whole(ImageChops.invert(self.image))

    def undo(self) -> Box | None:
        self.release()
        return self.history.undo()

    def redo(self) -> Box | None:
        self.release()
        return self.history.redo()

    def _whole(self, picture: Image.Image) -> Box | None:
        self.release()
        box = (0, 0, self.width, self.height)
        self.history.begin()
        self.history.keep(box)
        self.image.paste(picture)
        return box if self.history.end() else None

    def _touch(self, x: float, y: float) -> Box | None:
        """Set the brush down: it never takes away what is marked already, nor the eraser what is clear."""
        assert self._shape is not None
        brush, erase = self._shape
        whole = brush.box(x, y)
        box = cut(whole, self.width, self.height)
        if box is None:
            return None
        self.history.keep(box)
        shape = stamp(brush)
        if box != whole:
            shape = shape.crop((box[0] - whole[0], box[1] - whole[1], box[2] - whole[0], box[3] - whole[1]))
        under = self.image.crop(box)
        made = ImageChops.darker(under, ImageChops.invert(shape)) if erase else ImageChops.lighter(under, shape)
        self.image.paste(made, box[:2])
        return box
