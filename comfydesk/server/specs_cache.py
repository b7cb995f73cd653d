"""The last `/object_info` of each host on disk, so that forms open at once and without the host."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

log = logging.getLogger(__name__)
_MAX_FILE = 160 << 20


class _Entry(msgspec.Struct):
    url: str
    saved_at: float
    object_info: dict[str, Any]


_DECODER = msgspec.json.Decoder(_Entry)


class SpecsCache:
    """One file a host in `folder`. Losing it costs a download; so nothing here raises."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, host_url: str) -> dict[str, Any] | None:
        """What that host's nodes were when it was last asked."""
        file = self._file(host_url)
        try:
            if file.stat().st_size > _MAX_FILE:
                return None
            entry = _DECODER.decode(file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, ValueError, RecursionError) as exc:
            log.warning("the cached specs of %s are dropped: %s", host_url, exc)
            with contextlib.suppress(OSError):
                file.unlink()
            return None
        return entry.object_info if entry.url == host_url else None

    def put(self, host_url: str, object_info: dict[str, Any]) -> None:
        """Replace what is known of a host, atomically."""
        try:
            data = msgspec.json.encode(_Entry(host_url, time.time(), object_info))
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".specs-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(data)
                Path(name).replace(self._file(host_url))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except (OSError, TypeError, ValueError, RecursionError) as exc:
            log.warning("the specs of %s could not be kept: %s", host_url, exc)

    def _file(self, host_url: str) -> Path:
        return self._folder / f"{hashlib.sha256(host_url.encode()).hexdigest()[:32]}.json"
