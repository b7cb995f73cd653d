"""One window a home: a second start hands its files to the first and ends.

The second start needs no Qt for that: a Unix socket, or on Windows a named pipe, which Qt's QLocalServer serves.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comfydesk.base.paths import Home

_LONGEST_SOCKET_PATH = 100  # the system's limit is 108 on Linux, 104 on macOS
_PATIENCE = 3.0  # seconds for the first window to answer
_ACCEPTED = b"ok\n"


def server_name(home: Home) -> str:
    """The name for QLocalServer: a path inside the (private) home where that is short enough."""
    digest = hashlib.sha256(str(home.root).encode()).hexdigest()[:16]
    if sys.platform == "win32":
        return f"comfydesk-{digest}"
    inside = home.root / "window.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_PATH:
        return str(inside)
    return str(Path(tempfile.gettempdir()) / f"comfydesk-{os.getuid()}-{digest}.sock")


def message(files: Sequence[str]) -> bytes:
    """What the second start says."""
    return json.dumps({"files": list(files)}).encode() + b"\n"


def files_of(line: bytes) -> list[str]:
    """The files in a message; [] for anything that is none."""
    try:
        found = json.loads(line)
    except ValueError:
        return []
    files = found.get("files") if isinstance(found, dict) else None
    return [name for name in files if isinstance(name, str)] if isinstance(files, list) else []


def hand_over(home: Home, files: Sequence[str]) -> bool:
    """Give the files to the window that is open for this home. False if there is none."""
    name = server_name(home)
    if sys.platform == "win32":
        return _by_pipe(rf"\\.\pipe\{name}", files)
    if not Path(name).exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(_PATIENCE)
        try:
            link.connect(name)
        except OSError:  # nobody listens: left behind by a crash
            return False
        try:
            link.sendall(message(files))
            link.recv(len(_ACCEPTED))
        except OSError:  # it is there but busy; the message lies in its socket
            pass
        return True


def _by_pipe(name: str, files: Sequence[str]) -> bool:
    try:
        with Path(name).open("r+b", buffering=0) as pipe:
            pipe.write(message(files))
            pipe.read(len(_ACCEPTED))
    except FileNotFoundError:
        return False
    except OSError:  # every end of the pipe is taken: a window is there
        return True
    return True
