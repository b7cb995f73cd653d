"""What was under each stroke, in tiles: undo and redo within a bound of memory. No Qt."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from PIL import Image

from comfydesk.gui.form.mask.brush import Box, united

SIDE = 128  # pixels of a tile
MAX_BYTES = 96 << 20
MAX_STEPS = 200

Tile = int | bytes  # a grey value for a tile of one tone, else its pixels
Tiles = dict[tuple[int, int], Tile]


def tiles_of(box: Box) -> Iterator[tuple[int, int]]:
    """The tiles that a box touches, as (column, row)."""
    for row in range(box[1] // SIDE, (box[3] - 1) // SIDE + 1):
        for column in range(box[0] // SIDE, (box[2] - 1) // SIDE + 1):
            yield column, row


class History:
    """Keeps the earlier tiles of one picture of grey values. Between `begin` and `end` lies one step."""

    def __init__(self, picture: Image.Image, max_bytes: int = MAX_BYTES) -> None:
        self._picture = picture
        self._max_bytes = max_bytes
        self._done: deque[Tiles] = deque()
        self._undone: list[Tiles] = []
        self._open: Tiles | None = None

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def begin(self) -> None:
        self._open = {}

    def keep(self, box: Box) -> None:
        """Remember what is there, before it changes; `box` lies in the picture."""
        assert self._open is not None
        for place in tiles_of(box):
            if place not in self._open:
                self._open[place] = self._read(place)

    def end(self) -> bool:
        """Close the step. Returns whether anything changed in it; one in which nothing did is none."""
        opened, self._open = self._open or {}, None
        changed = {place: tile for place, tile in opened.items() if tile != self._read(place)}
        if not changed:
            return False
        self._done.append(changed)
        self._undone.clear()
        while len(self._done) > MAX_STEPS or (len(self._done) > 1 and self._weight() > self._max_bytes):
            self._done.popleft()
        return True

    def undo(self) -> Box | None:
        """Put back what was before the last step. Returns what changed, None where there is no step."""
        return self._swap(self._done, self._undone) if self._done else None

    def redo(self) -> Box | None:
        return self._swap(self._undone, self._done) if self._undone else None

    def _swap(self, taken: deque[Tiles] | list[Tiles], given: deque[Tiles] | list[Tiles]) -> Box:
        tiles = taken.pop()
        given.append({place: self._read(place) for place in tiles})
        changed: Box | None = None
        for place, tile in tiles.items():
            box = self._box(place)
            size = box[2] - box[0], box[3] - box[1]
            held = Image.new("L", size, tile) if isinstance(tile, int) else Image.frombytes("L", size, tile)
            self._picture.paste(held, box[:2])
            changed = united(changed, box)
        assert changed is not None
        return changed

    def _read(self, place: tuple[int, int]) -> Tile:
        tile = self._picture.crop(self._box(place))
        low, high = tile.getextrema()
        return int(low) if low == high else tile.tobytes()

    def _box(self, place: tuple[int, int]) -> Box:
        left, top = place[0] * SIDE, place[1] * SIDE
        return left, top, min(left + SIDE, self._picture.width), min(top + SIDE, self._picture.height)

    def _weight(self) -> int:
        return sum(_weight_of(step.values()) for step in self._done)


def _weight_of(tiles: Iterable[Tile]) -> int:
    return sum(64 if isinstance(tile, int) else len(tile) + 64 for tile in tiles)
