"""What happens when the window is closed while work is left."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from comfydesk.jobs.model import QueueSummary

from .settings.store import WindowSettings
from .widgets.labels import counted
from .widgets.question import Question

BACKGROUND, FINISH, QUIT, STAY = "background", "finish", "quit", "stay"
KEEP, REMOVE = "keep", "remove"


async def decide(window: QWidget, settings: WindowSettings, summary: QueueSummary | None) -> str:
    """`quit` at once if nothing is left, else what the person chose, now or once for always."""
    left = 0 if summary is None else summary.running + (0 if summary.paused else summary.waiting)
    if not left:
        return QUIT
    always = settings.get("on_close")
    if always in (BACKGROUND, FINISH, QUIT):
        return str(always)
    question = Question(
        window,
        counted(left, _tr("One job is not finished"), _tr("{n} jobs are not finished")),
        _tr("What waits is kept in any case and goes on at the next start."),
        (
            (BACKGROUND, _tr("Keep working in the background"), "primary"),
            (FINISH, _tr("Finish the running one, then quit"), ""),
            (QUIT, _tr("Quit now"), ""),
        ),
        escape=STAY,
        tick=_tr("Always do this"),
    )
    answer, always_this = await question.ask()
    if always_this and answer != STAY:
        settings.set(on_close=answer)
    return answer


async def ask_about_demo(window: QWidget) -> str:
    """What becomes of the demo's pictures: `keep`, `remove` or `stay` in the demo."""
    question = Question(
        window,
        _tr("Leave the demo"),
        _tr("The demo's pictures lie apart from your own. They can stay for the next time, or be removed."),
        (
            (KEEP, _tr("Leave, keep them"), "primary"),
            (REMOVE, _tr("Leave and remove them"), ""),
            (STAY, _tr("Stay"), "quiet"),
        ),
        escape=STAY,
    )
    answer, _ = await question.ask()
    return answer


def _tr(text: str) -> str:
    return QCoreApplication.translate("closing", text)
