"""The language of prompts: {a|b}, __wildcards__, weights and comments; how they are drawn, counted and shown."""

from __future__ import annotations

from comfydesk.form.prompt_text.counting import MOST, count
from comfydesk.form.prompt_text.drawing import expand
from comfydesk.form.prompt_text.reading import may_vary
from comfydesk.form.prompt_text.wildcards import NO_FILES, Entries, Files, read_entries

__all__ = ["MOST", "NO_FILES", "Entries", "Files", "count", "expand", "may_vary", "read_entries"]
