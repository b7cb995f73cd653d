"""The first card of the start page: ComfyUI on this computer, looked for by itself every three seconds."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.server import address
from comfydesk.server.types import HostReport

from ..context import Context
from ..widgets.buttons import button
from ..widgets.labels import ElidedLabel, label, restyle
from ..widgets.spinner import Dot, Spinner
from .states import found

LOOK_EVERY_MS = 3000


class LocalCard(QWidget):
    """`chosen(HostReport)`: a server that was found is to be used. It looks only while it is visible."""

    chosen = Signal(object)
    found_changed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._engine: Any = None
        self._is_looking = self._is_quiet = False
        self.reports: tuple[HostReport, ...] = ()
        self.buttons: list[QWidget] = []
        self._waiting = QWidget()
        waiting = QHBoxLayout(self._waiting)
        waiting.setContentsMargins(0, 0, 0, 0)
        waiting.setSpacing(10)
        self.says = label(self.tr("Looking on ports 8188 and 8000 …"), "muted", wrap=True)
        how = button(self.tr("How?"), "link", clicked=self._toggle_help)
        waiting.addWidget(Spinner(context.theme))
        waiting.addWidget(self.says, 1)
        waiting.addWidget(how)
        self._help = label(
            self.tr(
                "ComfyUI Desktop: open the app.\n"
                "Portable on Windows: start run_nvidia_gpu.bat.\n"
                "From a terminal: python main.py in ComfyUI's folder."
            ),
            "small",
            wrap=True,
        )
        self._help.hide()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._rows)
        layout.addWidget(self._waiting)
        layout.addWidget(self._help)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        if self.isVisible():
            self._look()

    def detach(self) -> None:
        self._engine = None
        self._is_looking = False

    def set_quiet(self, quiet: bool) -> None:
        """Let the accent go to another card of the page: only one thing is the next to do."""
        self._is_quiet = quiet
        for use in self.buttons[:1]:
            restyle(use, kind="" if quiet else "primary")

    def _look(self) -> None:
        if self._engine is None or self._is_looking:
            return
        self._is_looking = True
        self._context.bridge.run(self._engine.find_local, then=self._on_found, failed=self._on_failed)

    def _on_found(self, reports: list[HostReport]) -> None:
        self._is_looking = False
        news = tuple(reports)
        if not news:
            self.says.setText(self.tr("ComfyUI is not running here. Start it; I look every 3 seconds."))
        if [r.url for r in news] != [r.url for r in self.reports]:
            self._show(news)
        self.reports = news
        self._waiting.setVisible(not news)
        if news:
            self._help.hide()
        self.found_changed.emit()

    def _on_failed(self, _problem: Problem) -> None:
        self._is_looking = False  # the next look is three seconds away

    def _show(self, reports: tuple[HostReport, ...]) -> None:
        self.buttons.clear()
        while self._rows.count():
            old = self._rows.takeAt(0).widget()
            old.hide()
            old.deleteLater()
        for report in reports:
            self._rows.addWidget(self._row(report, is_first=report is reports[0]))

    def _row(self, report: HostReport, *, is_first: bool) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(ElidedLabel(found(report), "strong"))
        place = address.parse(report.url).netloc
        text.addWidget(label(self.tr("found at {address}").format(address=place), "small"))
        use = button(
            self.tr("Use it"),
            "primary" if is_first and not self._is_quiet else "",
            clicked=lambda: self.chosen.emit(report),
        )
        self.buttons.append(use)
        row.addWidget(Dot(self._context.theme, "good"))
        row.addLayout(text, 1)
        row.addWidget(use)
        return made

    def _toggle_help(self) -> None:
        self._help.setVisible(self._help.isHidden())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
