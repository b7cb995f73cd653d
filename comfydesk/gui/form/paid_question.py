"""The question before runs that cost money: once a press, and never answered by a key that is still held down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from comfydesk.base.errors import Problem
from comfydesk.gui.widgets.labels import breakable, counted
from comfydesk.gui.widgets.question import Question

PAY, STAY = "pay", "stay"


def ask(parent: QWidget, problem: Problem, pay: Callable[[], None]) -> Question:
    """Show the Problem paid_nodes as a question; `pay` is called if the person wants it."""
    runs = int(problem.facts.get("runs", 1))
    # Cancel is the default: the Enter that pressed Queue may still be down.
    question = Question(
        parent,
        counted(runs, _tr("This run costs money"), _tr("These {n} runs cost money")),
        breakable(
            _tr("{nodes}. The services behind them charge for every run.").format(nodes=problem.facts.get("nodes", "?"))
        ),
        (
            (STAY, _tr("Cancel"), ""),
            (PAY, counted(runs, _tr("Queue 1 paid run"), _tr("Queue {n} paid runs")), "primary"),
        ),
        escape=STAY,
    )

    def answered() -> None:
        question.deleteLater()
        if question.answer == PAY:
            pay()

    question.finished.connect(answered)
    question.open()
    return question


def _tr(text: str) -> str:
    return QCoreApplication.translate("PaidQuestion", text)
