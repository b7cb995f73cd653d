"""The files that help with prompts: a person's own list of tags, and the folder of wildcards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem

from .. import words
from ..context import Context
from ..widgets.buttons import button
from ..widgets.labels import ElidedLabel, counted, label


class TagFile(QWidget):
    """ "danbooru.csv · Choose · Remove": a list that is read beside those in the home."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.path = ElidedLabel("", mode=Qt.TextElideMode.ElideMiddle)
        self.choose = button(self.tr("Choose"), "link", clicked=self._ask)
        self.remove = button(self.tr("Remove"), "link", clicked=lambda: self._set(""))
        row.addWidget(self.path)
        row.addSpacing(4)
        row.addWidget(self.choose)
        row.addWidget(self.remove)
        row.addStretch(1)
        column.addLayout(row)
        self.said = label("", "small", wrap=True)
        self.said.hide()
        column.addWidget(self.said)
        context.settings.changed.connect(lambda name: self._show() if name == "tag_file" else None)
        self._show()

    def take(self, path: str) -> None:
        """Use this file, if it holds tags; else say why not."""
        from comfydesk.library.taglists import check

        def checked(tags: int) -> None:
            self._set(path)
            self._say(counted(tags, self.tr("It holds one tag."), self.tr("It holds {n} tags.")))

        def failed(problem: Problem) -> None:
            self._say(" ".join(words.says(problem)))

        self._context.bridge.start(check, path, then=checked, failed=failed)

    def _set(self, path: str) -> None:
        self._context.settings.set(tag_file=path)
        self._say("")

    def _show(self) -> None:
        path = str(self._context.settings.get("tag_file"))
        self.path.set_text(Path(path).name if path else self.tr("None"))
        self.remove.setVisible(bool(path))

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))

    def _ask(self) -> None:
        chosen = str(self._context.settings.get("tag_file"))
        dialog = QFileDialog(self.window(), self.tr("List of tags"), str(Path(chosen).parent) if chosen else "")
        dialog.setNameFilter(self.tr("Lists of tags (*.csv *.tsv *.txt)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class WildcardPlace(QWidget):
    """ "Open folder": where wildcard files lie; it is made when it is first opened."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._engine: Any = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.open = button(self.tr("Open folder"), "link", clicked=self._open)
        row.addWidget(self.open)
        row.addStretch(1)
        self.open.setEnabled(False)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.open.setEnabled(True)

    def detach(self) -> None:
        self._engine = None
        self.open.setEnabled(False)

    def _open(self) -> None:
        if self._engine is not None:
            self._context.bridge.start(_made, self._engine.home.wildcards, then=_show_folder)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
