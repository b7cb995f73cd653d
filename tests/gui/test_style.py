from __future__ import annotations

import re
from itertools import product

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLineEdit, QPushButton

from comfydesk.base import resources
from comfydesk.gui.style.icons import Icons, source
from comfydesk.gui.style.sheet import style_sheet
from comfydesk.gui.style.theme import Theme
from comfydesk.gui.style.tokens import COLOR_NAMES, DARK, LIGHT, Tokens, contrast

ICONS = sorted(file.stem for file in resources.path("icons").glob("*.svg"))
SURFACES = ("background", "panel", "raised", "field", "selection")


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_text_that_carries_meaning_is_readable_on_every_surface(tokens: Tokens) -> None:
    names = ("text", "muted", "good", "warning", "error")
    low = {
        (name, surface): round(contrast(tokens.color(name), tokens.color(surface)), 2)
        for name, surface in product(names, SURFACES)
        if contrast(tokens.color(name), tokens.color(surface)) < 4.5
    }
    assert not low


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_tags_prompt_syntax_buttons_and_borders_keep_their_contrast(tokens: Tokens) -> None:
    for name in ("accent", "good", "warning", "error"):
        assert contrast(tokens.color(name), tokens.tint(name)) >= 4.5, name
    for name in COLOR_NAMES:
        if name.startswith("syntax_"):
            assert contrast(tokens.color(name), tokens.field) >= 4.5, name
    for surface in (tokens.accent, tokens.accent_hover, tokens.accent_pressed):
        assert contrast(tokens.on_accent, surface) >= 4.5
    for surface in (tokens.panel, tokens.background):
        assert contrast(tokens.control, surface) >= 3.0


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_the_sheets_pictures_exist_and_have_the_colours_of_their_theme(tokens: Tokens) -> None:
    names = set(re.findall(r"url\(icons:([^)]+)\)", style_sheet(tokens)))
    assert names
    for name in names:
        svg = resources.path(f"icons/{name}").read_text(encoding="utf-8")
        colors = set(re.findall(r"#[0-9a-f]{6}", svg))
        assert colors <= {tokens.muted, tokens.on_accent}, name


@pytest.mark.parametrize("name", ICONS)
def test_icons_share_one_grid_one_stroke_and_take_their_colour_from_outside(name: str) -> None:
    svg = source(name)
    assert 'viewBox="0 0 24 24"' in svg
    assert 'stroke="currentColor"' in svg
    assert 'stroke-width="1.75"' in svg
    assert 'stroke-linecap="round"' in svg
    assert not re.search(r"#[0-9a-fA-F]{3,6}|<script|<image|style=", svg)


def test_an_icon_is_painted_in_the_colour_of_its_role_and_state(icons: Icons, theme: Theme) -> None:
    icon = icons.icon("stop", "muted", on="accent")
    for mode, state, role in (
        (QIcon.Mode.Normal, QIcon.State.Off, "muted"),
        (QIcon.Mode.Normal, QIcon.State.On, "accent"),
        (QIcon.Mode.Disabled, QIcon.State.Off, "faint"),
    ):
        image = icon.pixmap(QSize(24, 24), 2.0, mode, state).toImage()
        assert image.width() == 48
        opaque = {
            image.pixelColor(x, y).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255
        }
        assert opaque == {theme.tokens.color(role)}


def test_an_unknown_icon_is_an_error_at_once(icons: Icons) -> None:
    with pytest.raises(KeyError, match="nothing-like-it"):
        icons.icon("nothing-like-it")


def test_controls_are_34_pixels_high_in_both_themes(qtbot, theme: Theme) -> None:
    button, field = QPushButton("Queue"), QLineEdit()
    for widget in (button, field):
        qtbot.addWidget(widget)
    heights = []
    for setting in ("light", "dark"):
        theme.set_setting(setting)
        heights += [button.sizeHint().height(), field.sizeHint().height()]
    assert heights == [34] * 4


def test_the_theme_changes_palette_sheet_and_says_so(qtbot, theme: Theme, qapp) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_setting("light")
    assert theme.tokens is LIGHT
    assert qapp.palette().window().color().name() == LIGHT.background
    with qtbot.waitSignal(theme.changed):
        theme.set_setting("dark")
    assert qapp.palette().window().color().name() == DARK.background


def test_a_field_with_the_keyboard_has_the_ring(qtbot, theme: Theme) -> None:
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    page = QWidget()
    qtbot.addWidget(page)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(12, 12, 12, 12)
    field = QLineEdit()
    layout.addWidget(field)
    page.show()
    page.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    ring = page.children()[-1]
    assert ring.geometry() == field.geometry().adjusted(-3, -3, 3, 3)
    page.resize(500, 200)
    qtbot.waitUntil(lambda: ring.geometry() == field.geometry().adjusted(-3, -3, 3, 3))
