"""The way to QtMultimedia: loaded on first use, quiet, and allowed to be absent."""

from __future__ import annotations

from functools import cache

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
