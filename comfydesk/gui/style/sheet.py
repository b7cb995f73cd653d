"""The one generated style sheet. Widgets choose a look by the dynamic property `kind`.

`kind` on QPushButton: primary | plain (default) | quiet | danger | link;
on QToolButton: quiet (default) | plain | tight (no padding) | filter;
on QLabel: title | heading | section | field | muted | error | warning | good | tag (with `tone`);
on QFrame: panel | raised | card | invitation | line | vline; on QLineEdit: search | bare | rename.
"""

from __future__ import annotations

from .fonts import BODY, CAPTION, HEADING, LABEL, TITLE
from .tokens import CONTROL_HEIGHT, RADIUS, STAGE_RADIUS, Tokens, mix

_INNER = CONTROL_HEIGHT - 2  # without the border


def style_sheet(t: Tokens) -> str:
    """The whole sheet in the colours of `t`."""
    return "\n".join(
        (
            _surfaces(t),
            _labels(t),
            _buttons(t),
            _scrolling(t),  # before the fields: a text field is a scroll area too
            _fields(t),
            _combos(t),
            _ticks(t),
            _segments(t),
            _menus(t),
            _lists(t),
            _progress(t),
        )
    )


def _surfaces(t: Tokens) -> str:
    return f"""
QMainWindow, QDialog {{ background: {t.background}; }}
QWidget {{ color: {t.text}; }}
QFrame[kind="panel"] {{ background: {t.panel}; border: none; }}
QFrame[kind="raised"] {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {RADIUS}px; }}
QFrame[kind="card"] {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: {STAGE_RADIUS}px; }}
QFrame[kind="note"] {{ background: {t.tint("accent")}; border: none; border-radius: {RADIUS}px; }}
QFrame[kind="note"][tone="warning"] {{ background: {t.tint("warning")}; }}
QFrame[kind="note"][tone="error"] {{ background: {t.tint("error")}; }}
QFrame[kind="note"][tone="good"] {{ background: {t.tint("good")}; }}
QFrame[kind="invitation"] {{ background: transparent; border: 1px dashed {t.control}; border-radius: {RADIUS}px; }}
QFrame[kind="line"] {{ background: {t.line}; border: none; min-height: 1px; max-height: 1px; }}
QFrame[kind="vline"] {{ background: {t.line}; border: none; min-width: 1px; max-width: 1px; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:hover {{ background: {t.control}; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 6px 8px; }}
"""


def _labels(t: Tokens) -> str:
    tones = "\n".join(
        f'QLabel[kind="tag"][tone="{name}"] {{ background: {t.tint(name)}; color: {t.color(name)}; }}'
        for name in ("accent", "good", "warning", "error")
    )
    return f"""
QLabel {{ background: transparent; }}
QLabel[kind="title"] {{ font-size: {TITLE}px; font-weight: 600; }}
QLabel[kind="heading"] {{ font-size: {HEADING}px; font-weight: 600; }}
QLabel[kind="section"] {{ font-size: {CAPTION}px; font-weight: 600; color: {t.muted}; letter-spacing: 0.8px; }}
QLabel[kind="strong"] {{ font-weight: 600; }}
QLabel[kind="mono"] {{ font-family: "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {LABEL}px; }}
QLabel[kind="field"] {{ font-size: {LABEL}px; color: {t.muted}; }}
QLabel[kind="muted"] {{ color: {t.muted}; }}
QLabel[kind="small"] {{ color: {t.muted}; font-size: {LABEL}px; }}
QLabel[kind="error"] {{ color: {t.error}; }}
QLabel[kind="warning"] {{ color: {t.warning}; }}
QLabel[kind="good"] {{ color: {t.good}; }}
QLabel[kind="tag"] {{ background: {t.raised}; color: {t.muted}; border-radius: 4px; padding: 1px 6px;
  font-size: {LABEL}px; font-weight: 500; }}
{tones}
QLabel:disabled {{ color: {t.faint}; }}
"""


def _buttons(t: Tokens) -> str:
    height = f"min-height: {_INNER}px; max-height: {_INNER}px;"
    return f"""
QPushButton {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; border-radius: {RADIUS}px;
  padding: 0 14px; {height} font-weight: 500; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed, QPushButton:checked {{ background: {t.pressed}; }}
QPushButton:focus {{ border-color: {t.accent}; }}
QPushButton:disabled {{ color: {t.faint}; background: {t.raised}; border-color: {t.line}; }}
QPushButton[kind="primary"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent};
  font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {t.accent_hover}; border-color: {t.accent_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {t.accent_pressed}; border-color: {t.accent_pressed}; }}
QPushButton[kind="primary"]:disabled {{ background: {mix(t.raised, t.accent, 0.14)}; color: {t.faint};
  border-color: {mix(t.raised, t.accent, 0.14)}; }}
QPushButton[kind="quiet"] {{ background: transparent; border-color: transparent; color: {t.muted}; padding: 0 10px; }}
QPushButton[kind="quiet"]:hover {{ background: {t.hover}; color: {t.text}; }}
QPushButton[kind="quiet"]:pressed {{ background: {t.pressed}; }}
QPushButton[kind="quiet"]:focus {{ border-color: {t.accent}; }}
QPushButton[kind="quiet"]:disabled {{ color: {t.faint}; background: transparent; }}
QPushButton[kind="danger"] {{ color: {t.error}; font-weight: 600; }}
QPushButton[kind="danger"]:hover {{ background: {t.tint("error")}; }}
QPushButton[kind="danger"]:disabled {{ color: {t.faint}; }}
QPushButton[kind="link"] {{ background: transparent; border: none; color: {t.accent}; padding: 0; border-radius: 3px;
  min-height: 18px; max-height: 18px; text-align: left; font-weight: 500; }}
QPushButton[kind="link"]:hover, QPushButton[kind="link"]:focus {{ text-decoration: underline; }}
QPushButton[kind="link"]:disabled {{ color: {t.faint}; text-decoration: none; }}
QPushButton[kind="chip"] {{ background: {t.raised}; border: 1px solid {t.line}; padding: 0; min-height: 30px;
  max-height: 30px; text-align: left; }}
QPushButton[kind="chip"]:hover {{ background: {t.hover}; }}
QPushButton[kind="chip"]:focus {{ border-color: {t.accent}; }}
QPushButton::menu-indicator {{ width: 0; image: none; }}
QToolButton {{ background: transparent; color: {t.muted}; border: 1px solid transparent; border-radius: {RADIUS}px;
  padding: 5px; }}
QToolButton:hover {{ background: {t.hover}; color: {t.text}; }}
QToolButton:pressed {{ background: {t.pressed}; }}
QToolButton:checked {{ background: {t.selection}; color: {t.accent}; }}
QToolButton:focus {{ border-color: {t.accent}; }}
QToolButton:disabled {{ color: {t.faint}; background: transparent; }}
QToolButton[kind="plain"] {{ background: {t.raised}; border-color: {t.line}; color: {t.text}; }}
QToolButton[kind="plain"]:hover {{ background: {t.hover}; }}
QToolButton[kind="plain"]:focus {{ border-color: {t.accent}; }}
QToolButton[kind="tight"] {{ padding: 0; }}
QToolButton[kind="filter"] {{ background: transparent; border-color: {t.line}; color: {t.text};
  padding: 4px 24px 4px 8px; min-height: 20px; text-align: left; }}
QToolButton[kind="filter"]:hover {{ background: {t.hover}; }}
QToolButton[kind="filter"][narrowed="true"] {{ background: {t.selection}; border-color: {t.selection};
  color: {t.accent}; }}
QToolButton[kind="filter"]:focus {{ border-color: {t.accent}; }}
QToolButton::menu-indicator {{ width: 0; image: none; }}
"""


def _fields(t: Tokens) -> str:
    return f"""
QLineEdit, QAbstractSpinBox {{ background: {t.field}; color: {t.text}; border: 1px solid {t.control};
  border-radius: {RADIUS}px; padding: 0 8px; min-height: {_INNER}px; max-height: {_INNER}px;
  selection-background-color: {t.accent}; selection-color: {t.on_accent}; placeholder-text-color: {t.faint}; }}
QPlainTextEdit, QTextEdit {{ background: {t.field}; color: {t.text}; border: 1px solid {t.control};
  border-radius: {RADIUS}px; padding: 5px 6px; selection-background-color: {t.accent};
  selection-color: {t.on_accent}; placeholder-text-color: {t.faint}; }}
QLineEdit:hover, QPlainTextEdit:hover, QTextEdit:hover, QAbstractSpinBox:hover {{
  border-color: {mix(t.control, t.text, 0.25)}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus {{ border-color: {t.accent}; }}
QLineEdit[tone="warning"], QPlainTextEdit[tone="warning"], QAbstractSpinBox[tone="warning"],
QComboBox[tone="warning"] {{ border-color: {t.warning}; }}
QLineEdit[tone="error"], QPlainTextEdit[tone="error"], QAbstractSpinBox[tone="error"],
QComboBox[tone="error"] {{ border-color: {t.error}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QAbstractSpinBox:disabled {{ color: {t.faint};
  background: {t.panel}; border-color: {t.line}; }}
QLineEdit[kind="bare"], QPlainTextEdit[kind="bare"] {{ background: transparent; border: none; padding: 0; }}
QLineEdit[kind="search"] {{ border-color: {t.line}; background: {t.field}; }}
QLineEdit[kind="search"]:hover {{ border-color: {t.control}; }}
QLineEdit[kind="search"]:focus {{ border-color: {t.accent}; }}
QLineEdit[kind="rename"] {{ border-color: {t.accent}; border-radius: 5px; padding: 0 6px; min-height: 22px;
  max-height: 24px; font-weight: 500; }}
QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0 8px; min-height: 0; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 20px; border: none; background: transparent; }}
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{ background: {t.hover};
  border-radius: 4px; }}
QAbstractSpinBox::up-arrow {{ image: url({_picture(t, "chevron-up")}); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url({_picture(t, "chevron-down")}); width: 10px; height: 10px; }}
"""


def _combos(t: Tokens) -> str:
    return f"""
QComboBox {{ background: {t.field}; color: {t.text}; border: 1px solid {t.control}; border-radius: {RADIUS}px;
  padding: 0 10px; min-height: {_INNER}px; max-height: {_INNER}px; }}
QComboBox:hover {{ border-color: {mix(t.control, t.text, 0.25)}; }}
QComboBox:focus, QComboBox:on {{ border-color: {t.accent}; }}
QComboBox:disabled {{ color: {t.faint}; background: {t.panel}; border-color: {t.line}; }}
QComboBox::drop-down {{ border: none; width: 26px; subcontrol-position: center right; }}
QComboBox::down-arrow {{ image: url({_picture(t, "chevron-down")}); width: 12px; height: 12px; }}
"""


def _ticks(t: Tokens) -> str:
    return f"""
QCheckBox, QRadioButton {{ spacing: 8px; background: transparent; min-height: 20px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {t.faint}; }}
QCheckBox::indicator, QRadioButton::indicator, QTableView::indicator, QTreeView::indicator {{ width: 16px; height: 16px;
  border: 1px solid {t.control}; background: {t.field}; }}
QCheckBox::indicator, QTableView::indicator, QTreeView::indicator {{ border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 9px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus,
QRadioButton::indicator:focus {{ border-color: {t.accent}; }}
QCheckBox::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked {{
  background: {t.accent}; border-color: {t.accent};
  image: url({_picture(t, "check")}); }}
QCheckBox::indicator:indeterminate {{ background: {t.accent}; border-color: {t.accent};
  image: url({_picture(t, "dash")}); }}
QRadioButton::indicator:checked {{ background: {t.accent}; border-color: {t.accent};
  image: url({_picture(t, "dot")}); }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {t.line}; background: {t.panel}; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {t.line}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {t.accent}; }}
QSlider::handle:horizontal {{ width: 10px; height: 10px; margin: -5px 0; border-radius: 7px;
  border: 2px solid {t.accent}; background: {t.field}; }}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {t.accent}; }}
QSlider::sub-page:horizontal:disabled {{ background: {t.line}; }}
QSlider::handle:horizontal:disabled {{ border-color: {t.faint}; }}
"""


def _segments(t: Tokens) -> str:
    corner = RADIUS - 1
    return f"""
QFrame[kind="segmented"] {{ background: {t.field}; border: 1px solid {t.control}; border-radius: {RADIUS}px; }}
QFrame[kind="segmented"]:focus {{ border-color: {t.accent}; }}
QFrame[kind="segmented"]:disabled {{ border-color: {t.line}; background: {t.panel}; }}
QPushButton[kind="segment"] {{ background: transparent; border: none; border-radius: 0; color: {t.muted};
  padding: 0 10px; min-height: 0; max-height: 1000px; font-weight: 400; }}
QPushButton[kind="segment"]:hover {{ color: {t.text}; background: {t.hover}; }}
QPushButton[kind="segment"]:checked {{ background: {t.selection}; color: {t.accent}; font-weight: 500; }}
QPushButton[kind="segment"]:disabled {{ color: {t.faint}; }}
QPushButton[kind="segment"][place="first"], QPushButton[kind="segment"][place="only"] {{
  border-top-left-radius: {corner}px; border-bottom-left-radius: {corner}px; }}
QPushButton[kind="segment"][place="last"], QPushButton[kind="segment"][place="only"] {{
  border-top-right-radius: {corner}px; border-bottom-right-radius: {corner}px; }}
QToolButton[kind="section"], QToolButton[kind="section"]:checked {{ color: {t.text}; background: transparent;
  font-weight: 600; padding: 4px 6px 4px 2px; }}
QToolButton[kind="section"]:hover {{ background: {t.hover}; }}
QTabBar[kind="workflows"] {{ background: transparent; border: none; border-bottom: 1px solid {t.line}; }}
QTabBar[kind="workflows"]::tab {{ color: {t.muted}; background: transparent; border: none; padding: 0 6px 0 12px;
  border-bottom: 2px solid transparent; }}
QTabBar[kind="workflows"]::tab:hover {{ color: {t.text}; background: {t.hover}; }}
QTabBar[kind="workflows"]::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
QToolButton[kind="rail"] {{ font-size: {CAPTION}px; padding: 5px 0 4px 0; border-radius: {RADIUS}px; }}
QToolButton[kind="rail"]:checked {{ background: {t.selection}; color: {t.accent}; }}
QFrame[kind="toast"] {{ background: {t.raised}; border: 1px solid {t.control}; border-radius: {RADIUS}px; }}
"""


def _scrolling(t: Tokens) -> str:
    return f"""
QScrollArea, QAbstractScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 12px; background: transparent; margin: 0; }}
QScrollBar:horizontal {{ height: 12px; background: transparent; margin: 0; }}
QScrollBar::handle {{ background: {mix(t.panel, t.text, 0.20)}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:hover {{ background: {mix(t.panel, t.text, 0.36)}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; background: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QAbstractScrollArea::corner {{ background: transparent; }}
"""


def _menus(t: Tokens) -> str:
    return f"""
QMenu {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {RADIUS}px; padding: 4px; }}
QMenu::item {{ padding: 6px 20px 6px 12px; border-radius: 5px; }}
QMenu::item:selected {{ background: {t.selection}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
"""


def _lists(t: Tokens) -> str:
    return f"""
QAbstractItemView {{ background: transparent; border: none; outline: none; color: {t.text};
  selection-background-color: {t.selection}; selection-color: {t.text}; alternate-background-color: transparent; }}
QAbstractItemView::item:hover {{ background: {t.hover}; }}
QAbstractItemView::item:selected {{ background: {t.selection}; color: {t.text}; }}
QTableView {{ gridline-color: {t.line}; }}
QTableView::item {{ padding: 0 8px; border-bottom: 1px solid {t.line}; }}
QTableView QHeaderView::section {{ padding: 6px 11px; }}
QHeaderView {{ background: transparent; }}
QHeaderView::section {{ background: transparent; color: {t.muted}; border: none; border-bottom: 1px solid {t.line};
  padding: 6px 8px; font-size: {LABEL}px; }}
QFrame[kind="popup"] {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {RADIUS}px; }}
QListView[kind="popup-list"]::item {{ padding: 5px 8px; border-radius: 5px; min-height: 20px; }}
"""


def _progress(t: Tokens) -> str:
    return f"""
QProgressBar {{ background: {t.line}; border: none; border-radius: 2px; min-height: 4px; max-height: 4px;
  text-align: center; font-size: {BODY}px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
QProgressBar[tone="error"]::chunk {{ background: {t.error}; }}
"""


def _picture(t: Tokens, name: str) -> str:
    # Style sheets cannot colour a picture, so these few exist once a theme; `icons:` is set by the theme.
    return f"icons:sheet/{name}-{'dark' if t.is_dark else 'light'}.svg"
