"""Small dialogs with one line to type in: the name of a folder, a link to fetch."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.drops import web_link
from comfydesk.gui.library.dialog import Dialog
from comfydesk.gui.library.words import translate
from comfydesk.gui.widgets.plain_line import PlainLine


class LineDialog(Dialog):
    """`check(text)` says what is wrong with it, "" where nothing is; `done(text)` gets it."""

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        title: str,
        text: str,
        act: str,
        check: Callable[[str], str],
        done: Callable[[str], object],
        *,
        value: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(context, parent, title, text)
        self._check, self._done = check, done
        self.line = PlainLine(value)
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(title)
        self.line.setMinimumWidth(380)
        self.line.setMaxLength(4000)
        self.line.selectAll()
        self.line.textChanged.connect(self._on_text)
        self.body.addWidget(self.line)
        self.add_button(self.tr("Cancel"), self.reject)
        self.button = self.add_button(act, self._accept, "primary")
        self._on_text()
        self.line.setFocus()

    def _on_text(self) -> None:
        self.problem.clear()
        self.button.setEnabled(bool(self.line.text().strip()))

    def _accept(self) -> None:
        text = self.line.text().strip()
        wrong = self._check(text)
        if wrong:
            self.problem.show_text(wrong, tone="warning")
            return
        self.accept()
        self._done(text)


def folder_dialog(
    context: Context,
    parent: QWidget,
    title: str,
    act: str,
    taken: Callable[[str], bool],
    done: Callable[[str], object],
    *,
    value: str = "",
    text: str = "",
    can_nest: bool = True,
) -> LineDialog:
    """Asks for the name of a folder; `taken(name)`: whether there is one of it. `can_nest`: "a/b" is two folders."""

    def check(name: str) -> str:
        parts = name.split("/")
        if any(part.strip() in ("", ".", "..") for part in parts) or "\\" in name:
            return translate("Library", "A name may hold “/” only between folders.")
        if len(parts) > 1 and not can_nest:
            return translate("Library", "A folder’s name has no “/” in it.")
        if len(name) > 200 or len(parts) > 8:
            return translate("Library", "That name is too long.")
        return translate("Library", "There is a folder of that name already.") if taken(name) else ""

    return LineDialog(context, parent, title, text, act, check, done, value=value)


def link_dialog(context: Context, parent: QWidget, done: Callable[[str], object]) -> LineDialog:
    """Asks for a link; one in the clipboard is offered."""
    offered = web_link(QGuiApplication.clipboard().text().strip()[:4001])
    return LineDialog(
        context,
        parent,
        translate("Library", "Add from an address"),
        translate("Library", "Of a workflow’s JSON, or of a picture or video with one. Only this address is fetched."),
        translate("Library", "Fetch"),
        lambda text: (
            "" if web_link(text) else translate("Library", "Type an address that begins with https:// or http://.")
        ),
        done,
        value=offered,
        hint="https://",
    )
