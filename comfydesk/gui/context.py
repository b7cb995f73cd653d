"""What every panel is given: the way to the engine, the look, and the window's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bridge import Bridge
    from .settings.store import WindowSettings
    from .style.icons import Icons
    from .style.theme import Theme


@dataclass(frozen=True, slots=True)
class Context:
    """Made once by the window and passed to each panel's constructor."""

    bridge: Bridge
    theme: Theme
    icons: Icons
    settings: WindowSettings
