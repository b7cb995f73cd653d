"""Where outputs go and where those come from that no server is asked for: texts, and previews in the cache."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Lane
from comfydesk.jobs.model import JobRequest, OwnerKind
from comfydesk.jobs.record import JobRecord, Output
from comfydesk.jobs.store import Store
from comfydesk.server.types import RemoteFile

if TYPE_CHECKING:
    from comfydesk.jobs.naming import Target

CHUNK = 1 << 20
_ROOTS = "result_roots"  # folders that results were saved below, with their devices


@dataclass(frozen=True, slots=True)
class LocalBody:
    """Bytes of ours in the shape of a download, so that they are saved by the same careful way."""

    body: bytes = field(repr=False)
    content_type: str = "text/plain"

    @property
    def length(self) -> int | None:
        return len(self.body)

    def chunks(self) -> Iterator[bytes]:
        yield self.body


@dataclass(frozen=True, slots=True)
class TextSource:
    text: str
    url: str = ""

    @contextmanager
    def view(self, remote: RemoteFile) -> Iterator[LocalBody]:
        yield LocalBody(self.text.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class CacheSource:
    """A preview's copy in our cache: the server wipes its own when it ends (S5)."""

    file: Path
    url: str = ""

    @contextmanager
    def view(self, remote: RemoteFile) -> Iterator[LocalBody]:
        try:
            body = self.file.read_bytes()
        except OSError as exc:
            raise Problem("output_missing", file=remote.filename, detail="its copy in the cache is gone") from exc
        yield LocalBody(body, "application/octet-stream")


class Places:
    """Lives on the engine's loop. `output_root`: what the settings say now."""

    def __init__(
        self, home: Home, store: Store, db: Lane, files: Lane, output_root: Callable[[], Path], kind: OwnerKind
    ) -> None:
        self._home, self._store, self._db, self._files = home, store, db, files
        self._root, self._kind = output_root, kind
        self._used: dict[str, int] | None = None
        self._requests: dict[str, JobRequest] = {}
        self._swept: set[Path] = set()

    async def target(self, record: JobRecord, output: Output) -> Target:
        """The folder and name of an output: `_2`, `_3` for more from one job, by its place among them."""
        from comfydesk.jobs import naming

        request = await self.request(record.job_id)
        flat = request.out_dir is not None
        root = Path(request.out_dir) if request.out_dir is not None else self._root()
        facts = naming.NameFacts(
            workflow=record.workflow,
            when=datetime.fromtimestamp(record.created_at),
            seed=record.seed,
            index=record.index + 1,
            node=request.titles.get(output.node_id, output.node_id),
            prompt=str(request.params.get("Prompt", "")),
        )
        target = naming.target(root, facts, request.template, output.remote.filename, flat=flat)
        device = (await self._used_roots()).get(str(root))
        create = device is None or await self._files.run(_is_same_disk, root, device)
        stem = target.stem if output.ordinal < 2 else f"{target.stem}_{output.ordinal}"
        return naming.Target(target.folder, stem, target.ext, target.root, create_root=create)

    def preview(self, output: Output) -> Target:
        """Where the copy of a preview lies."""
        from comfydesk.jobs import naming

        ext = naming.saved_extension(output.remote.filename)
        return naming.Target(self._home.cache / "previews", f"{output.output_id:x}", ext)

    def source(self, output: Output) -> TextSource | CacheSource | None:
        """Where the bytes come from if not from the server."""
        if output.text is not None:
            return TextSource(output.text)
        if output.is_temp:
            target = self.preview(output)
            file = target.folder / f"{target.stem}{target.ext}"
            if file.is_file():
                return CacheSource(file)
        return None

    def shows_previews(self, record: JobRecord) -> bool:
        """Whether somebody may look at outputs that are not saved."""
        return self._kind is OwnerKind.WINDOW

    async def request(self, job_id: str) -> JobRequest:
        """The job's request, read once while it is open."""
        known = self._requests.get(job_id)
        if known is None:
            known = await self._db.run(self._store.request, job_id)
            self._requests[job_id] = known
            while len(self._requests) > 64:
                self._requests.pop(next(iter(self._requests)))
        return known

    def known_request(self, job_id: str) -> JobRequest | None:
        """The request, if it was read already."""
        return self._requests.get(job_id)

    async def used(self, target: Target) -> None:
        """Something was saved here: what a process that died left of a download goes, and the root is remembered.

        From now on the root's absence may mean that its drive is unplugged (fault 29).
        """
        from comfydesk.jobs.downloads import sweep

        if target.folder not in self._swept:
            self._swept.add(target.folder)
            await self._files.run(sweep, target.folder)
        root, used = target.root or target.folder, await self._used_roots()
        if str(root) not in used:
            used[str(root)] = (await self._files.run(root.stat)).st_dev
            newest = dict(list(used.items())[-100:])
            await self._db.run(self._store.set_meta, _ROOTS, json.dumps(newest))

    async def _used_roots(self) -> dict[str, int]:
        if self._used is None:
            self._used = json.loads(await self._db.run(self._store.meta, _ROOTS, "{}"))
        return self._used


def _is_same_disk(root: Path, device: int) -> bool:
    """Whether a folder may be made anew: it is there, or the place for it is on the disk where it was."""
    try:
        return root.exists() or root.parent.stat().st_dev == device
    except OSError:
        return False
