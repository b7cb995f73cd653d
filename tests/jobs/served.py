"""A server's files as `client.view` brings them, with every way to go wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from comfydesk.jobs.downloads import Fetched, Limits, fetch
from comfydesk.jobs.naming import Target
from comfydesk.server.types import RemoteFile

REMOTE = RemoteFile("../../ComfyUI_00001_.png", "sub\\folder", "output")
FREE = Limits(floor=0)


@dataclass
class Body:
    """One download. `length`: what the server announces ("right": the truth); `fault` is raised after `cut` bytes."""

    data: bytes
    length: int | str | None = "right"
    content_type: str = "image/png"
    cut: int | None = None
    fault: Exception | None = None
    piece: int = 1000
    on_piece: Callable[[int], None] = lambda size: None
    _announced: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        announced = len(self.data) if self.length == "right" else self.length
        assert not isinstance(announced, str)
        self.length = announced

    def chunks(self) -> Iterator[bytes]:
        end = len(self.data) if self.cut is None else self.cut
        for start in range(0, end, self.piece):
            self.on_piece(start)
            yield self.data[start : min(end, start + self.piece)]
        if self.fault is not None:
            raise self.fault


class Served:
    """Stands in for the server client: gives the next body each time a file is asked for."""

    url = "http://gpu:8188"

    def __init__(self, *bodies: Body | Exception) -> None:
        self._bodies = list(bodies)
        self.asked: list[RemoteFile] = []

    @contextlib.contextmanager
    def view(self, remote: RemoteFile) -> Iterator[Body]:
        self.asked.append(remote)
        body = self._bodies.pop(0)
        if isinstance(body, Exception):
            raise body
        yield body


def target(folder: Path, ext: str = ".png") -> Target:
    return Target(folder, "140223_551", ext)


def get(folder: Path, *bodies: Body | Exception, ext: str = ".png", limits: Limits = FREE) -> Fetched:
    return fetch(Served(*bodies), REMOTE, target(folder, ext), "9", limits=limits)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
