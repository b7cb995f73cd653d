"""The body of an upload, read from the file while it is sent: a video of 90 MB never lies in memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType


class Multipart:
    """multipart/form-data with some fields and one file, as a readable of known length."""

    def __init__(self, fields: Mapping[str, str], name: str, filename: str, file: Path, content_type: str) -> None:
        boundary = "comfydesk" + secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(key)}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"; '
        head += f'filename="{_quoted(filename)}"\r\nContent-Type: {content_type}\r\n\r\n'
        self._file = file.open("rb")
        self._left = file.stat().st_size
        self._head = head.encode("utf-8", "replace")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._length = len(self._head) + self._left + len(self._tail)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(1 << 16):
            yield piece

    def read(self, size: int = -1) -> bytes:
        """The next bytes; a file that grew meanwhile is cut where it ended, one that shrank raises OSError."""
        size = 1 << 16 if size is None or size < 0 else size
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        if self._left:
            piece = self._file.read(min(size, self._left))
            if not piece:
                raise OSError("the file became shorter while it was sent")
            self._left -= len(piece)
            return piece
        piece, self._tail = self._tail[:size], self._tail[size:]
        return piece

    def __enter__(self) -> Multipart:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()


def _quoted(text: str) -> str:
    """As browsers do it (HTML standard, multipart/form-data)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
