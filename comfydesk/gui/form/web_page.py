"""Opening a page that a workflow names: the whole address is shown first, a stranger may have written it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from comfydesk.gui.widgets.labels import breakable
from comfydesk.gui.widgets.question import Question

OPEN, COPY, STAY = "open", "copy", "stay"


def offer(parent: QWidget, name: str, address: str) -> Question | None:
    """Ask whether to open `address` in the browser. None for what is no web address."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme() not in ("http", "https"):
        return None
    question = Question(
        parent,
        _tr("The page of {name}").format(name=name),
        breakable(url.toString(QUrl.ComponentFormattingOption.FullyEncoded)),
        (
            (OPEN, _tr("Open in the browser"), "primary"),
            (COPY, _tr("Copy the address"), ""),
            (STAY, _tr("Cancel"), "quiet"),
        ),
        escape=STAY,
    )

    def answered() -> None:
        question.deleteLater()
        if question.answer == OPEN:
            QDesktopServices.openUrl(url)
        elif question.answer == COPY:
            QGuiApplication.clipboard().setText(address)

    question.finished.connect(answered)
    question.open()
    return question


def _tr(text: str) -> str:
    return QCoreApplication.translate("WebPage", text)
