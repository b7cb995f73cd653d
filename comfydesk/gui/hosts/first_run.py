"""The start page: where does ComfyUI run? One page, no wizard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.server.types import HostReport, Trust

from ..context import Context
from ..page_frame import ColumnPage
from ..settings.results_folder import ResultsFolder
from ..widgets.buttons import button
from ..widgets.icon_label import IconLabel
from ..widgets.labels import label
from ..widgets.problem_line import ProblemLine
from .address_form import AddressForm, name_of
from .local_card import LocalCard

_WIDTH = 640
_GET_COMFYUI = "https://www.comfy.org/download"


class FirstRunPage(ColumnPage):
    """`host_added(Host)`, `demo_requested`."""

    host_added = Signal(object)
    demo_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(width=_WIDTH, parent=parent)
        self._context = context
        self._engine: Any = None
        self.local = LocalCard(context)
        self.local.chosen.connect(self._use_local)
        self.address = AddressForm(context)
        self.address.added.connect(self.host_added)
        self.address.asks.connect(self.local.set_quiet)
        self.demo = button(self.tr("Try the demo"), clicked=self._on_demo)
        self.demo.setEnabled(False)  # until the engine is there: a press must never be lost
        self.problem = ProblemLine(context.icons)
        self.results = ResultsFolder(context)
        self.title.setText(self.tr("Where does ComfyUI run?"))
        for part in (
            label(self.tr("ComfyDesk drives it from here and fetches every result into a folder of yours."), "muted"),
            self.problem,
            self._card("computer", self.tr("This computer"), self.local),
            self._card("network", self.tr("Another machine"), self.address),
            self._card("demo", self.tr("No ComfyUI yet"), self._no_comfyui()),
            self.results,
        ):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.setFocusProxy(self.address.edit)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        for part in (self.local, self.address, self.results):
            part.attach(engine)
        self.demo.setEnabled(True)

    def detach(self) -> None:
        self._engine = None
        for part in (self.local, self.address, self.results):
            part.detach()

    def _card(self, icon: str, title: str, content: QWidget) -> QFrame:
        card = QFrame()
        card.setProperty("kind", "card")
        text = QVBoxLayout()
        text.setSpacing(10)
        text.addWidget(label(title, "heading"))
        text.addWidget(content)
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 14, 16, 16)
        row.setSpacing(14)
        row.addWidget(IconLabel(self._context.icons, icon, 22), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        return card

    def _no_comfyui(self) -> QWidget:
        made = QWidget()
        says = label(
            self.tr(
                "The demo paints pictures on this computer, without a graphics card and without ComfyUI. "
                "Its results stay apart from yours."
            ),
            "muted",
            wrap=True,
        )
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.demo)
        row.addWidget(button(self.tr("Get ComfyUI"), "link", clicked=_open_download))
        row.addStretch(1)
        layout = QVBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(says)
        layout.addLayout(row)
        return made

    def _use_local(self, report: HostReport) -> None:
        if self._engine is None:
            return
        self.problem.clear()
        self._context.bridge.run(
            self._engine.add_host,
            name_of(report),
            report.url,
            None,
            Trust(),
            then=self.host_added.emit,
            failed=self._on_failed,
        )

    def _on_failed(self, problem: Problem) -> None:
        self.problem.show_problem(problem)

    def _on_demo(self) -> None:
        if self._engine is not None:
            self.demo.setEnabled(False)
            self.demo_requested.emit()


def _open_download() -> None:
    QDesktopServices.openUrl(QUrl(_GET_COMFYUI))
