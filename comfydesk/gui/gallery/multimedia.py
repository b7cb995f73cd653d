"""The way to QtMultimedia: loaded on first use, quiet, and allowed to be absent."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

# Its backends tell the terminal about every library that they do not find and every file that they open.
_QUIET = "qt.multimedia.*.debug=false\nqt.multimedia.*.info=false\nqt.multimedia.*.warning=false\n"


@cache
def is_there() -> bool:
    """Whether videos and sounds can be played: the module and the system's libraries that it needs are there."""
    from PySide6.QtCore import QLoggingCategory

    QLoggingCategory.setFilterRules(_QUIET)
    try:
        import PySide6.QtMultimedia
        import PySide6.QtMultimediaWidgets  # noqa: F401
    except ImportError:
        return False
    return True


def settle(*sources: QObject) -> None:
    """Make players, outputs and sinks safe to be used while their own threads let go of them. Call it at once.

    When a worker object of QtMultimedia dies in its thread, Qt calls `disconnectNotify` of what it was connected to,
    with a lock held. The binding wants Python's lock there, to look for an override; the GUI thread may hold that one
    while it waits for the first: both stand still for ever (seen with `setMuted`). The answer "no override" is kept
    for each object, so a signal that is connected and disconnected here, on the GUI thread, gives it beforehand.
    """
    for source in sources:
        source.objectNameChanged.connect(_nothing)
        source.objectNameChanged.disconnect(_nothing)


def _nothing(_name: str) -> None:
    """Never called."""
