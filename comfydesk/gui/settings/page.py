"""The settings that exist by now: look, files, previews, closing."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from ..context import Context
from ..page_frame import ColumnPage, card
from ..widgets.labels import label
from ..widgets.segmented import SegmentedControl
from .prompt_files import TagFile, WildcardPlace
from .results_folder import ResultsFolder


class SettingsPage(ColumnPage):
    """Each row: what it is, its control, one sentence. Changes hold at once and are kept."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._settings = context.settings
        self.title.setText(self.tr("Settings"))
        self.theme = SegmentedControl(
            [("system", self.tr("System")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))],
            self._settings.get("theme"),
        )
        self.on_close = SegmentedControl(
            [
                ("ask", self.tr("Ask")),
                ("background", self.tr("Keep working")),
                ("finish", self.tr("Finish one")),
                ("quit", self.tr("Quit")),
            ],
            self._settings.get("on_close"),
        )
        self.previews = QCheckBox(self.tr("Show the picture while it is made"))
        self.previews.setChecked(bool(self._settings.get("previews")))
        self.results = ResultsFolder(context, prefix=False)
        self._add(
            self.tr("General"),
            (self.tr("Look"), self.theme, self.tr("“System” follows your computer's light or dark.")),
            (
                self.tr("Closing while work is left"),
                self.on_close,
                self.tr("“Keep working” minimises the window; waiting jobs are kept in any case."),
            ),
        )
        self._add(
            self.tr("Files"),
            (
                self.tr("Results"),
                self.results,
                self.tr("New results go there, by workflow and date. Files that exist stay where they are."),
            ),
        )
        self._add(
            self.tr("Running"),
            (
                self.tr("Live previews"),
                self.previews,
                self.tr("Asked for with each job while the stage is visible; costs the server a little time."),
            ),
        )
        self.tags = TagFile(context)
        self.wildcards = WildcardPlace(context)
        self._add(
            self.tr("Prompts"),
            (
                self.tr("List of tags"),
                self.tags,
                self.tr("A CSV file whose names are offered while you type: name, kind, uses, other names."),
            ),
            (
                self.tr("Wildcards"),
                self.wildcards,
                self.tr("Text files with one entry a line: __animals/cats__ draws from animals/cats.txt."),
            ),
        )
        self.column.addStretch(1)
        self.theme.value_changed.connect(lambda value: self._settings.set(theme=value))
        self.on_close.value_changed.connect(lambda value: self._settings.set(on_close=value))
        self.previews.toggled.connect(lambda value: self._settings.set(previews=value))
        self._settings.changed.connect(self._on_setting)

    def attach(self, engine: Any) -> None:
        self.results.attach(engine)
        self.wildcards.attach(engine)

    def detach(self) -> None:
        self.results.detach()
        self.wildcards.detach()

    def _on_setting(self, name: str) -> None:
        if name == "theme":
            self.theme.set_value(self._settings.get(name))
        elif name == "on_close":
            self.on_close.set_value(self._settings.get(name))
        elif name == "previews":
            self.previews.setChecked(bool(self._settings.get(name)))

    def _add(self, heading: str, *rows: tuple[str, QWidget, str]) -> None:
        frame, inside = card(heading)
        inside.setSpacing(16)
        for name, control, sentence in rows:
            row = QHBoxLayout()
            row.setSpacing(16)
            text = QVBoxLayout()
            text.setSpacing(2)
            text.addWidget(label(name))
            text.addWidget(label(sentence, "small", wrap=True))
            row.addLayout(text, 1)
            control.setMinimumWidth(300)
            row.addWidget(control)
            inside.addLayout(row)
        self.column.addWidget(frame)
