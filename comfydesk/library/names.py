"""Names of workflows and folders in the library. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from comfydesk.base.errors import Problem
from comfydesk.jobs.naming import leaf

ENDING = ".json"
SIDECAR = ".desk.json"  # what belongs to a workflow but not into its file
# What synchronising programs make of a sidecar that two machines changed: nobody's workflow.
CONFLICT = re.compile(r"\.desk(?:\.sync-conflict-[^/]*| \([^()]*\)|\.conflict[^/]*)\.json$", re.IGNORECASE)
STARTERS = {"sdxl": "SDXL", "flux-schnell": "Flux Schnell"}  # name → title, in the order of the list
MAX_NAME = 80  # bytes of one part: room for " 2" and the sidecar's ending
MAX_DEPTH = 8  # folders inside each other that may be made here


def title_of(text: str) -> str:
    """A safe file name without its ending, out of any text.

    >>> title_of("a/b: fox.json")
    'a_b_ fox'
    """
    name = text.strip()
    if name.casefold().endswith(ENDING):
        name = name[: -len(ENDING)]
    made = leaf(name, limit=MAX_NAME, fallback="workflow")
    while made.casefold().endswith((".desk", ENDING)):  # "x.desk" + ".json" would be the sidecar of "x"
        made = leaf(made.rpartition(".")[0], limit=MAX_NAME, fallback="workflow")
    while CONFLICT.search(f"{made}{ENDING}"):  # it would be left out of the list
        made = re.sub(r"\.(?=desk)", "_", made, flags=re.IGNORECASE)
    return made


def folder_of(text: str) -> str:
    """A safe folder, its parts joined by "/"; "" is the top. Raises Problem usage where it is too deep."""
    parts = [part for part in text.replace("\\", "/").split("/") if part.strip(". ")]
    if len(parts) > MAX_DEPTH:
        raise Problem("usage", detail=f"Folders can lie {MAX_DEPTH} deep, not {len(parts)}")
    return "/".join(leaf(part, limit=MAX_NAME, fallback="folder") for part in parts)


def folded(text: str) -> str:
    """What is the same for two names that some disk takes for one: case, and how accents are stored, do not count.

    macOS finds "é" whether it was written as one letter or as two, and Linux holds both as files of their own.
    """
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text.casefold())


def split(name: str) -> tuple[str, str]:
    """(folder, title) of a workflow's name.

    >>> split("portraits/fox")
    ('portraits', 'fox')
    """
    folder, _, title = name.rpartition("/")
    return folder, title


def join(folder: str, title: str) -> str:
    return f"{folder}/{title}" if folder else title


def is_in(name: str, folder: str) -> bool:
    """Whether a workflow or folder lies in `folder` or in one of its folders, by `folded` names; "" holds all."""
    return not folder or folded(name).startswith(f"{folded(folder)}/")


def free(folder: str, title: str, taken: Container[str]) -> str:
    """`folder/title`, or "title 2" and so on where that is taken. `taken` holds `folded` names."""
    for number in range(1, 10_000):
        name = join(folder, title if number == 1 else f"{title} {number}")
        if folded(name) not in taken:
            return name
    raise Problem("name_taken", name=title)


def is_starter(name: str) -> bool:
    return name.casefold() in STARTERS
