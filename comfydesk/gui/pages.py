"""The pages of the window: what the rail offers and where each page is made."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QWidget

from .context import Context


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page. Its `module` (below comfydesk.gui) is imported when the page is first needed, after the first paint."""

    key: str
    word: str
    icon: str
    module: str
    factory: str
    shortcut: str = ""
    at_foot: bool = False

    @property
    def title(self) -> str:
        return QCoreApplication.translate("pages", self.word)

    def make(self, context: Context) -> QWidget:
        return getattr(importlib.import_module(self.full_module), self.factory)(context)

    @property
    def full_module(self) -> str:
        return f"comfydesk.gui.{self.module}"


PAGES = (
    PageSpec("create", QT_TRANSLATE_NOOP("pages", "Create"), "create", "create.page", "CreatePage", "Ctrl+1"),
    PageSpec("queue", QT_TRANSLATE_NOOP("pages", "Queue"), "queue", "queue.page", "QueuePage", "Ctrl+2"),
    PageSpec("gallery", QT_TRANSLATE_NOOP("pages", "Gallery"), "gallery", "gallery.page", "GalleryPage", "Ctrl+3"),
    PageSpec("hosts", QT_TRANSLATE_NOOP("pages", "Hosts"), "hosts", "hosts.page", "HostsPage", "Ctrl+5"),
    PageSpec("help", QT_TRANSLATE_NOOP("pages", "Help"), "help", "help.page", "HelpPage", "F1", at_foot=True),
    PageSpec(
        "settings",
        QT_TRANSLATE_NOOP("pages", "Settings"),
        "settings",
        "settings.page",
        "SettingsPage",
        "Ctrl+,",
        at_foot=True,
    ),
)

# Shown instead of Create until there is a host; not in the rail.
START = PageSpec("start", QT_TRANSLATE_NOOP("pages", "Start"), "hosts", "hosts.first_run", "FirstRunPage")

# Where each page is made: these take a while to import.
MODULES = {page.key: page.full_module for page in (*PAGES, START)}
