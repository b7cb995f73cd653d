"""The colours of both themes. Every other file of the window takes its colours from here.

Contrast is held by tests: text on every surface 4.5:1, the control border 3:1 on panel and background.
`faint` is for decoration and placeholders only and never carries meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

# Sizes in device-independent pixels; the same in both themes.
CONTROL_HEIGHT = 34
RADIUS = 8
STAGE_RADIUS = 12
SPACES = (4, 8, 12, 16, 24)
RAIL_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as `#rrggbb`. `is_dark` says which theme they are."""

    is_dark: bool
    background: str
    panel: str
    raised: str
    field: str
    line: str
    control: str  # border of fields and ticks
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    selection: str
    good: str
    warning: str
    error: str
    # Prompt syntax has colours of its own, because the accent means “do this next”.
    syntax_weight: str
    syntax_wildcard: str
    syntax_embedding: str
    syntax_comment: str

    def color(self, name: str) -> str:
        """The colour of that token's name, for code that gets the name as data."""
        return str(getattr(self, name))

    @property
    def hover(self) -> str:
        """A raised surface under the pointer."""
        return mix(self.raised, self.text, 0.06)

    @property
    def pressed(self) -> str:
        return mix(self.raised, self.text, 0.11)

    @property
    def accent_hover(self) -> str:
        return mix(self.accent, "#ffffff" if self.is_dark else "#000000", 0.10)

    @property
    def accent_pressed(self) -> str:
        return mix(self.accent, "#000000", 0.12 if self.is_dark else 0.22)

    @property
    def ring(self) -> str:
        """The focus ring around a control."""
        return mix(self.panel, self.accent, 0.55)

    def tint(self, name: str) -> str:
        """A quiet surface in the colour of that token, for tags and notes; its text keeps 4.5:1 on it."""
        return mix(self.panel, self.color(name), 0.15 if self.is_dark else 0.09)


DARK = Tokens(
    is_dark=True,
    background="#14161b",
    panel="#1a1d24",
    raised="#22262f",
    field="#171a20",
    line="#2c313c",
    control="#667083",
    text="#e7e9ef",
    muted="#98a1b2",
    faint="#697182",
    accent="#7391ff",
    on_accent="#0d1226",
    selection="#262d42",
    good="#4cc38a",
    warning="#e2b04a",
    error="#ee6d6d",
    syntax_weight="#e8a15a",
    syntax_wildcard="#4fc4b0",
    syntax_embedding="#c99af0",
    syntax_comment="#98a1b2",
)

LIGHT = Tokens(
    is_dark=False,
    background="#f3f4f7",
    panel="#ffffff",
    raised="#f7f8fa",
    field="#ffffff",
    line="#dde1e8",
    control="#848c9b",
    text="#1a1e26",
    muted="#566072",
    faint="#8a93a3",
    accent="#3d5ce0",
    on_accent="#ffffff",
    selection="#e6ebff",
    good="#16764a",
    warning="#7a5500",
    error="#b23232",
    syntax_weight="#9a5410",
    syntax_wildcard="#0f7466",
    syntax_embedding="#7d3aa8",
    syntax_comment="#566072",
)

COLOR_NAMES = tuple(f.name for f in fields(Tokens) if f.name != "is_dark")


def mix(base: str, over: str, amount: float) -> str:
    """`base` with `amount` (0..1) of `over` laid on it, as `#rrggbb`."""
    pairs = zip(_channels(base), _channels(over), strict=True)
    return "#" + "".join(f"{round(low + (high - low) * amount):02x}" for low, high in pairs)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1..21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(color))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
