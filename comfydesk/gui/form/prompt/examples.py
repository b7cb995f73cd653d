"""What a prompt comes out as with other seeds."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from comfydesk.engine.promptdesk import PromptView
from comfydesk.gui.form.prompt.outcome_line import ways
from comfydesk.gui.widgets.labels import label

HEIGHT = 380  # pixels at most
LONGEST = 600  # letters of one example that are shown


class Examples(QWidget):
    """A list of seeds and texts. `others_asked`: for further seeds. Esc or a click elsewhere ends it."""

    others_asked = Signal()

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._owner = owner
        surface = QFrame()
        surface.setProperty("kind", "popup")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(surface)
        column = QVBoxLayout(surface)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        head = QHBoxLayout()
        self.title = label("", "muted")
        self.others = QPushButton(self.tr("Others"))
        self.others.setProperty("kind", "link")
        self.others.clicked.connect(self.others_asked)
        head.addWidget(self.title, 1)
        head.addWidget(self.others)
        column.addLayout(head)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self.scroll)

    def show_view(self, view: PromptView) -> None:
        """Show these examples below the owner, or above it where there is more room."""
        self.title.setText(ways(view))
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for at, (seed, text) in enumerate(view.examples):
            shown = text if len(text) <= LONGEST else text[:LONGEST] + "…"
            name = label(self.tr("seed {n}").format(n=seed), "small")
            grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
            words = label(shown, wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(words, at, 1)
        grid.setRowStretch(len(view.examples), 1)
        self.scroll.setWidget(rows)
        rows.setAutoFillBackground(False)
        self.scroll.viewport().setAutoFillBackground(False)
        width = max(self._owner.width(), 360)
        self.setFixedWidth(width)
        needed = grid.heightForWidth(width - 60) if grid.hasHeightForWidth() else rows.sizeHint().height()
        self.scroll.setFixedHeight(min(HEIGHT, needed + 8))
        self.adjustSize()
        self._place()
        self.show()

    def _place(self) -> None:
        at = self._owner.mapToGlobal(QPoint(0, self._owner.height() + 4))
        screen = (self._owner.screen() or QGuiApplication.primaryScreen()).availableGeometry()
        if at.y() + self.height() > screen.bottom():
            at.setY(max(screen.top(), self._owner.mapToGlobal(QPoint(0, -4)).y() - self.height()))
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        self.move(at)
