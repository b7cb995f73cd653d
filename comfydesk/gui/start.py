"""Starts the window: the shell first, the engine after the first paint."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path

os.environ["QT_API"] = "pyside6"  # before qasync: a user's QT_API for another program would be taken otherwise

import PySide6  # noqa: F401  (before qasync, which takes the first binding it finds)
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from comfydesk.base.paths import APP, Home
from comfydesk.base.version import __version__

from . import first_frame, instance
from .session import Session
from .settings.store import read_early
from .style.theme import Theme

log = logging.getLogger(__name__)


def run(
    *,
    home: str | None,
    demo: bool,
    files: list[str],
    quit_after_paint: bool,
    shot: str | None,
    started_at: float,
) -> int:
    """Run the window until it is closed. Returns the exit code; 0 also if another window took the files.

    `started_at`: seconds since 1970 when the program began, for systems that cannot tell it.
    """
    chosen = Home.locate(home, demo=demo)
    paths = [str(Path(file).absolute()) for file in files]
    if not quit_after_paint and instance.hand_over(chosen, paths):
        return 0
    app = _application()
    early = read_early(chosen.settings_file)
    session = Session(app, Theme(app, str(early.get("theme", "system"))), chosen, early, paths)
    main = first_frame.show(session, started_at, shot) if quit_after_paint else session.main()
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        try:
            return runner.run(main)
        except RuntimeError:  # somebody called app.exit(): Qt stopped before main did
            if any(not task.done() for task in asyncio.all_tasks(runner.get_loop())):
                return 0
            raise
        finally:
            session.abandon()


def _application() -> QApplication:
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)  # closing asks; the session decides when Qt stops
    QCoreApplication.setApplicationName(APP)
    QCoreApplication.setApplicationVersion(__version__)
    app.setDesktopFileName("comfydesk")
    sys.excepthook = lambda kind, error, trace: log.error("a slot failed", exc_info=(kind, error, trace))
    return app
