"""A folder into which results are written: whole files only, nothing overwritten, no planted link followed.

Every step goes through one open folder (`dir_fd`) where the system can do that, so that a folder swapped for a symbolic
link between check and use changes nothing. Order on disk: write, fsync the file, publish, fsync the folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

MODE = 0o644  # never executable; the umask may take more away
_PART = re.compile(r"\.comfydesk-[0-9a-f]{16}\.part")
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EINVAL}
_BY_FD = os.open in os.supports_dir_fd and os.link in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_ABANDONED = 86_400.0  # seconds after which a part that cannot be locked is nobody's


def part_name() -> str:
    """A fresh name for a file in the making; hidden, and recognisable as ours."""
    return f".comfydesk-{secrets.token_hex(8)}.part"


class ResultFolder:
    """An open folder. Use it as a context manager; all methods raise OSError as the system gives it."""

    def __init__(self, path: Path, fd: int | None) -> None:
        self.path = path
        self._fd = fd

    @classmethod
    def open(cls, folder: Path, root: Path | None = None, *, create_root: bool = True) -> ResultFolder:
        """Open `folder`, making what is missing below `root`; raises FileNotFoundError if `root` may not be made."""
        root = folder if root is None else root
        parts = folder.relative_to(root).parts
        if any(part in (os.curdir, os.pardir) for part in parts):
            raise OSError(errno.EINVAL, "the folder leads out of its root", str(folder))
        if not root.is_dir():
            if not create_root:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(root))
            root.mkdir(parents=True, exist_ok=True)
        if not _BY_FD:
            return cls(_plain_path(root, parts), None)
        fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)  # the root itself may be a link: the user's own
        try:
            for part in parts:
                fd = _step_down(fd, part)
        except BaseException:
            os.close(fd)
            raise
        return cls(folder, fd)

    def __enter__(self) -> ResultFolder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def create_part(self) -> tuple[str, int]:
        """A new file of our own, open and locked for as long as it is open: its name and descriptor."""
        for _ in range(100):
            name = part_name()
            try:
                fd = self._open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            except FileExistsError:
                continue
            try:
                # A sweep by another process may have come between; then it has the lock, or the name is gone.
                if lock(fd) is not False and self._same(name, fd):
                    return name, fd
            except BaseException:
                os.close(fd)
                self.remove(name)
                raise
            os.close(fd)
            self.remove(name)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path))

    def open_existing(self, name: str) -> int | None:
        """A regular file for reading; None if the name is free or is a link, a folder or a device."""
        try:
            found = os.stat(self._at(name), dir_fd=self._fd, follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode):
                return None
            return self._open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except (FileNotFoundError, PermissionError):
            return None
        except OSError as exc:
            if exc.errno == errno.ELOOP:
                return None
            raise

    def publish(self, part: str, name: str, release: Callable[[], None]) -> None:
        """Give the finished `part` its name; raises FileExistsError (and changes nothing) if that is taken.

        `release` closes the part where an open file cannot be renamed. A hard link is the one way that is atomic and
        refuses to overwrite on every Unix; FAT and some shares have none, then a rename that does not replace.
        """
        if os.name == "nt":
            release()
            _patiently(lambda: (self.path / part).rename(self.path / name))  # refuses to replace on Windows
            return
        try:
            os.link(self._at(part), self._at(name), src_dir_fd=self._fd, dst_dir_fd=self._fd, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError as exc:
            if exc.errno not in _NO_LINKS:
                raise
            if not self._rename_no_replace(part, name):
                self._reserve_and_replace(part, name)
            return
        self.remove(part)

    def remove(self, name: str) -> None:
        """Delete a file of ours; one that is gone already is fine."""
        with contextlib.suppress(FileNotFoundError):
            if self._fd is None:
                _patiently(lambda: (self.path / name).unlink())
            else:
                os.unlink(name, dir_fd=self._fd)

    def sync(self) -> None:
        """Make the names in this folder durable (Windows does so by itself)."""
        if self._fd is not None:
            sync_fd(self._fd)

    def sweep(self) -> int:
        """Remove parts that no living process holds, however young; returns how many."""
        names = os.listdir(self.path if self._fd is None else self._fd)  # noqa: PTH208 (the open folder itself)
        return sum(self._sweep_part(name) for name in names if _PART.fullmatch(name))

    def _sweep_part(self, name: str) -> bool:
        fd = self.open_existing(name)
        if fd is None:
            return False
        try:
            locked = lock(fd)
            if locked:  # held until the name is gone: `create_part` sees that it came too late, and takes another
                self.remove(name)
                return True
            abandoned = locked is None and time.time() - os.fstat(fd).st_mtime >= _ABANDONED
        finally:
            os.close(fd)
        if abandoned:
            with contextlib.suppress(PermissionError):  # open elsewhere, on Windows
                self.remove(name)
                return True
        return False

    def _same(self, name: str, fd: int) -> bool:
        try:
            found = os.stat(self._at(name), dir_fd=self._fd, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(found, os.fstat(fd))

    def _open(self, name: str, flags: int) -> int:
        return os.open(self._at(name), flags | _BINARY, MODE, dir_fd=self._fd)

    def _at(self, name: str) -> str:
        return name if self._fd is not None else str(self.path / name)

    def _rename_no_replace(self, part: str, name: str) -> bool:
        """Whether the system could do it; raises FileExistsError if the name is taken."""
        call = _exclusive_rename()
        if call is None:
            return False
        fd = self._fd if self._fd is not None else -100  # AT_FDCWD, never used with a name that is not absolute
        if call(fd, os.fsencode(self._at(part)), fd, os.fsencode(self._at(name))) == 0:
            return True
        code = ctypes.get_errno()
        if code in _NO_LINKS:
            return False
        raise OSError(code, os.strerror(code), name)

    def _reserve_and_replace(self, part: str, name: str) -> None:
        os.close(self._open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            os.replace(self._at(part), self._at(name), src_dir_fd=self._fd, dst_dir_fd=self._fd)
        except BaseException:
            self.remove(name)
            raise


def _plain_path(root: Path, parts: tuple[str, ...]) -> Path:
    """Where there is no `dir_fd` (Windows): make the folders one by one and refuse links and junctions."""
    place = root
    for part in parts:
        place = place / part
        place.mkdir(exist_ok=True)
        if place.resolve().name.casefold() != part.casefold() or place.is_symlink():
            raise OSError(errno.ELOOP, "a link stands where a folder should be", str(place))
    text = str(place)
    return Path(f"\\\\?\\{text}") if os.name == "nt" and len(text) > 200 and not text.startswith("\\\\") else place


def _step_down(fd: int, part: str) -> int:
    """Open the sub-folder `part` of the folder `fd`, making it if need be, and close `fd`."""
    try:
        os.mkdir(part, 0o777, dir_fd=fd)
        sync_fd(fd)
    except FileExistsError:
        pass
    below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=fd)
    os.close(fd)
    return below


def lock(fd: int) -> bool | None:
    """Lock an open file for this process without waiting: True got it, False another holds it, None cannot be told."""
    if sys.platform == "win32":
        return None  # an open file cannot be deleted there, which serves as the lock
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None  # some network shares have no locks
    return True


def sync_fd(fd: int) -> None:
    """fsync; file systems that cannot sync a folder say so and are left alone."""
    try:
        os.fsync(fd)
    except OSError as exc:
        if exc.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise


def _patiently(act: Callable[[], Any], tries: int = 10, pause: float = 0.1) -> None:
    """Virus scanners on Windows hold new files open for a moment."""
    for left in reversed(range(tries)):
        try:
            act()
            return
        except PermissionError:
            if not left:
                raise
            time.sleep(pause)


@cache
def _exclusive_rename() -> Callable[[int, bytes, int, bytes], int] | None:
    """renameat2(RENAME_NOREPLACE) on Linux, renameatx_np(RENAME_EXCL) on macOS."""
    names = {"linux": ("renameat2", 1), "darwin": ("renameatx_np", 4)}
    if sys.platform not in names:
        return None
    name, flag = names[sys.platform]
    try:
        call = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (OSError, AttributeError):
        return None
    call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return lambda fd, old, to, new: int(call(fd, old, to, new, flag))


def numbered(stem: str, ext: str) -> Iterator[str]:
    """`stem``ext`, then `stem`_2, `stem`_3 and so on."""
    yield f"{stem}{ext}"
    for number in range(2, 100_000):
        yield f"{stem}_{number}{ext}"
