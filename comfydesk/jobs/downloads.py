"""Fetching one output: from the server's bytes to a whole, verified, durable file that overwrites nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from comfydesk.base.errors import Problem
from comfydesk.jobs import media_kinds, naming
from comfydesk.jobs.naming import Target
from comfydesk.jobs.result_folder import ResultFolder
from comfydesk.jobs.saving import open_folder, save
from comfydesk.server.types import RemoteFile

CAP = 4 << 30  # bytes of the largest file taken from a server
FLOOR = 1 << 30  # bytes that stay free on the disk


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes: see CAP and FLOOR."""

    cap: int = CAP
    floor: int = FLOOR


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is durably on disk. `adopted`: the very same bytes lay there under that name already."""

    path: Path
    size: int
    sha256: str
    content_type: str
    adopted: bool
    kind: str  # picture | animation | video | sound | model | latent | text | file


class BrokenBodyError(Problem):
    """What came is not the whole file. Another try may bring it; an `output_missing` of another class stays so."""

    def __init__(self, remote: RemoteFile, detail: str, node_id: str | None) -> None:
        super().__init__("output_missing", file=remote.filename, detail=detail, node_id=node_id)


class Download(Protocol):
    """A body that is being received; `chunks` raises Problem for whatever goes wrong on the network."""

    @property
    def length(self) -> int | None: ...
    @property
    def content_type(self) -> str: ...
    def chunks(self) -> Iterator[bytes]: ...


class Client(Protocol):
    """The part of the server client that is needed here."""

    @property
    def url(self) -> str: ...
    def view(self, remote: RemoteFile) -> AbstractContextManager[Download]: ...


def fetch(client: Client, remote: RemoteFile, target: Target, node_id: str, *, limits: Limits | None = None) -> Fetched:
    """Fetch `remote` to `target` and return where it lies; blocking, for the transfer lane.

    Raises Problem: `disk_full`, `disk_write`, `too_large`, BrokenBodyError, or what the client raises. On any failure
    nothing is left behind; a crash leaves at most a hidden part, which `sweep` takes away.
    """
    limits = limits or Limits()
    with open_folder(target) as folder, client.view(remote) as download:
        expected = download.length or 0
        if expected > limits.cap:
            raise _too_large(client, remote, limits)

        def check(file: BinaryIO, size: int) -> None:
            _verify(file, size, download, remote, target, node_id)

        chunks = _capped(client, download, remote, limits)
        saved = save(folder, target, chunks, check, expected=expected, floor=limits.floor)
        content_type = download.content_type
    return Fetched(saved.path, saved.size, saved.sha256, content_type, saved.adopted, saved.kind)


def copy_into(source: Path, folder: Path) -> Path:
    """Copy a saved file into `folder`, overwriting nothing; a file that lies there already is left as it is.

    Raises Problem: `disk_full`, `disk_write`, `file_missing`, `file_unreadable`.
    """
    target = Target(folder, naming.leaf(source.stem), source.suffix)
    try:
        file = source.open("rb")
    except FileNotFoundError as exc:
        raise Problem("file_missing", file=source) from exc
    except OSError as exc:
        raise Problem("file_unreadable", file=source, detail=exc.strerror) from exc
    with file:
        if source.parent.absolute() == folder.absolute():
            return source
        with open_folder(target) as opened:
            chunks = iter(lambda: file.read(1 << 20), b"")
            expected = os.fstat(file.fileno()).st_size
            return save(opened, target, chunks, lambda copied, size: None, expected=expected).path


def sweep(folder: Path) -> int:
    """Remove what crashed downloads left in `folder`; parts of living processes stay. Returns how many went."""
    try:
        with ResultFolder.open(folder, create_root=False) as opened:
            return opened.sweep()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return 0


def _capped(client: Client, download: Download, remote: RemoteFile, limits: Limits) -> Iterator[bytes]:
    size = 0
    for chunk in download.chunks():
        size += len(chunk)
        if size > limits.cap:
            raise _too_large(client, remote, limits)
        yield chunk


def _verify(
    file: BinaryIO, size: int, download: Download, remote: RemoteFile, target: Target, node_id: str | None
) -> None:
    """Raise BrokenBodyError where the bytes are not the whole of what the name says."""
    if download.length is not None and download.length != size:
        raise BrokenBodyError(remote, f"{size} of {download.length} bytes came", node_id)
    name = target.stem + target.ext
    file.seek(0)
    head = file.read(media_kinds.HEAD)
    is_page = "text/html" in download.content_type.lower() and not target.ext.startswith((".htm", ".xhtm"))
    if is_page or not media_kinds.fits(name, head):
        what = "a web page" if head.lstrip()[:1] == b"<" else "something else"
        raise BrokenBodyError(remote, f"{what} came instead of the file", node_id)
    whole = media_kinds.complete_open(file, name)
    if whole is False:
        raise BrokenBodyError(remote, "the file breaks off or is damaged", node_id)
    if whole is None and download.length is None:
        raise BrokenBodyError(remote, "the server does not say how long it is", node_id)


def _too_large(client: Client, remote: RemoteFile, limits: Limits) -> Problem:
    return Problem("too_large", address=client.url, limit=f"{limits.cap >> 20} MiB", what=remote.filename)
