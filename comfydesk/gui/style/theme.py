"""The theme: which colours hold, kept on the application as palette, font and style sheet."""

from __future__ import annotations

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from comfydesk.base import resources

from . import fonts, motion
from .focus import FocusRing
from .sheet import style_sheet
from .tokens import DARK, LIGHT, Tokens

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class Theme(QObject):
    """Follows the system's light or dark, or the setting ("system" | "light" | "dark").

    `changed` comes after palette and sheet are set; widgets that paint by hand repaint then.
    """

    changed = Signal()

    def __init__(self, app: QApplication, setting: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._setting = setting
        self._tokens: Tokens | None = None
        self._system_font = app.font()
        QDir.addSearchPath("icons", str(resources.path("icons")))
        app.setStyle("Fusion")
        app.setFont(fonts.body_font(self._system_font))
        self._ring = FocusRing(self)
        self._show_scheme()
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    @property
    def tokens(self) -> Tokens:
        if self._tokens is None:
            raise RuntimeError("the theme is not applied yet")
        return self._tokens

    @property
    def setting(self) -> str:
        return self._setting

    @property
    def reduced_motion(self) -> bool:
        """Whether animations are to be left out."""
        return motion.is_reduced(self._app)

    def color(self, name: str) -> QColor:
        """The colour of a token as QColor, for painting by hand."""
        return QColor(self.tokens.color(name))

    def set_setting(self, setting: str) -> None:
        """Follow the system, or hold light or dark."""
        if setting != self._setting:
            self._setting = setting
            self._show_scheme()
            self._apply()

    def _show_scheme(self) -> None:
        hints = self._app.styleHints()
        scheme = _SCHEMES.get(self._setting)
        if scheme is None:
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(scheme)  # so that the title bar drawn by the system matches

    def _wanted(self) -> Tokens:
        if self._setting in _SCHEMES:
            return DARK if self._setting == "dark" else LIGHT
        return DARK if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _on_system_changed(self) -> None:
        self._apply()

    def _apply(self) -> None:
        wanted = self._wanted()
        if wanted is self._tokens:
            return
        self._tokens = wanted
        self._app.setPalette(palette(wanted))
        self._app.setStyleSheet(style_sheet(wanted))
        self.changed.emit()


def palette(t: Tokens) -> QPalette:
    """The palette for everything that the sheet does not name."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    made = QPalette()
    colors = {
        role.Window: t.background,
        role.WindowText: t.text,
        role.Base: t.field,
        role.AlternateBase: t.panel,
        role.Text: t.text,
        role.Button: t.raised,
        role.ButtonText: t.text,
        role.BrightText: t.error,
        role.ToolTipBase: t.raised,
        role.ToolTipText: t.text,
        role.PlaceholderText: t.faint,
        role.Highlight: t.accent,
        role.HighlightedText: t.on_accent,
        role.Link: t.accent,
        role.LinkVisited: t.accent,
        role.Light: t.raised,
        role.Midlight: t.raised,
        role.Mid: t.line,
        role.Dark: t.line,
        role.Shadow: t.background,
        role.Accent: t.accent,
    }
    for name, color in colors.items():
        made.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(group.Disabled, name, QColor(t.faint))
    return made
