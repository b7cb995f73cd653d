"""Safe names for what is saved: every text that becomes part of a path goes through here. Pure, no I/O.

The rules hold on every platform at once, so that a folder of results can be moved to another machine: what is safe
here is safe on ext4, NTFS and APFS (the server reference, row "Names").
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from comfydesk.base.errors import Problem

MAX_LEAF = 150  # UTF-8 bytes of one file name; ext4 and APFS take 255, NTFS 255 UTF-16 units
MAX_STEM = 118  # leaves room for "_99999", an extension and ".untrusted"
MAX_PARTS = 8  # sub-folders that a template may make
DEFAULT_TEMPLATE = "{time}_{seed}"
FLAT_TEMPLATE = "{workflow}_{index:04}_{seed}"
UNTRUSTED = ".untrusted"

# What may keep its extension: media that a viewer only looks at, and plain data. Nothing here is run by a double click;
# SVG and HTML are not here because they carry scripts.
PICTURES = frozenset(
    ["png", "apng", "jpg", "jpeg", "jfif", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "jxl", "exr", "hdr"]
)
VIDEOS = frozenset(["mp4", "m4v", "mov", "webm", "mkv", "avi"])
SOUNDS = frozenset(["flac", "mp3", "ogg", "oga", "opus", "wav", "m4a", "aac"])
MODELS = frozenset(["glb", "gltf", "obj", "ply", "stl", "fbx", "usdz", "splat", "spz", "ksplat"])
LATENTS = frozenset(["latent", "safetensors"])
TEXTS = frozenset(["txt", "md", "json", "csv", "srt"])
ALLOWED = PICTURES | VIDEOS | SOUNDS | MODELS | LATENTS | TEXTS

_RESERVED = re.compile(r'[<>:"/\\|?*]+')
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]
    + [f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"]
)
_SUFFIX = re.compile(r"(?:\.[A-Za-z0-9]{1,12}){1,2}$")
_SHELL_CLASS = re.compile(r"\.(?=\{)")  # "x.{20D04FE0-…}" is a shell object to Windows, not a folder
# Cc Cf: control, bidi and zero-width; Cs: lone surrogates; Cn: unassigned, which APFS refuses; Co: nobody's letters.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a name template may speak of. `when`: local time of the Queue press; `index`: 1 for the first run."""

    workflow: str
    when: datetime
    seed: int | None = None
    index: int = 1
    node: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file shall go: `folder`/`stem``ext`, or `stem`_2 and so on where that name is taken.

    `root`: the folder that the user chose; from it down to `folder` no symbolic link is followed (None: `folder`
    itself). `create_root`: False once something was saved there, so that the root of an unplugged drive is not made
    anew on the system disk.
    """

    folder: Path
    stem: str
    ext: str
    root: Path | None = None
    create_root: bool = True


def leaf(text: str, *, limit: int = MAX_LEAF, fallback: str = "file") -> str:
    """One safe file or folder name out of any text, at most `limit` UTF-8 bytes long; `leaf(leaf(x)) == leaf(x)`."""
    name = _clean(text)
    while True:
        shorter = _off_device(_trim(_cut(name, limit)))
        if shorter == name:
            break
        name = shorter
    return name if name.strip("_. -") else fallback


def _clean(text: str) -> str:
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category[0] == "Z" or char in "\t\r\n\v\f\x85":
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(char)
    name = _RESERVED.sub("_", " ".join("".join(kept).split()))
    # Dropping characters can bring a letter and its accent together, hence the second normalisation.
    return _SHELL_CLASS.sub("_", unicodedata.normalize("NFC", name))


def _trim(name: str) -> str:
    return name.lstrip(".- ~").rstrip(". ")


def _off_device(name: str) -> str:
    """Windows opens a device for CON, con.txt and “COM1 .png” in any folder."""
    stem = name.split(".", 1)[0].rstrip(" ")
    return f"_{name}" if stem.upper() in _DEVICES else name


def _cut(name: str, limit: int) -> str:
    data = name.encode("utf-8")
    if len(data) <= limit:
        return name
    found = _SUFFIX.search(name)
    suffix = found.group() if found and len(found.group()) < limit // 2 else ""
    head = data[: limit - len(suffix)].decode("utf-8", "ignore")
    if suffix and len(head) > len(name) - len(suffix):
        head = name[: -len(suffix)]
    return head.rstrip(". ") + suffix


def extension(name: str) -> str:
    """The extension of a name that somebody else chose, lower case with its dot; "" where there is none.

    >>> extension("../../ComfyUI_00001_.PNG")
    '.png'
    """
    tail = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1].rstrip(". ")
    stem, dot, ext = tail.rpartition(".")
    kept = "".join(char for char in ext.lower() if char.isascii() and char.isalnum())[:12]
    return f".{kept}" if dot and stem.strip(". ") and kept else ""


def saved_extension(name: str) -> str:
    """The extension under which a server's file is kept: its own if it is on the list, else `.ext.untrusted`."""
    ext = extension(name)
    return ext if ext[1:] in ALLOWED else f"{ext}{UNTRUSTED}"


def is_untrusted(name: str) -> bool:
    """Whether a saved file is of a type that is never opened or handed to another program."""
    return extension(name)[1:] not in ALLOWED


def expand(template: str, facts: NameFacts) -> str:
    """A relative path without extension, its parts joined by “/”, each of them safe.

    Fields: `{workflow} {index:04} {seed} {time} {date} {node} {prompt}`; an empty one takes its separator with it
    (`{time}_{seed}` without a seed is just the time). Raises Problem("usage") for unknown fields and for “..”.
    """
    parts = [""]
    for literal, value in _pieces(template, facts):
        first, *rest = re.split(r"[/\\]", literal)
        parts[-1] += first
        parts.extend(rest)
        if value is None:
            continue
        parts[-1] = parts[-1] + value if value else parts[-1].rstrip("_- ")
    if any(re.fullmatch(r"\s*\.\.+\s*", part) for part in parts):
        raise _bad(template, "a name cannot lead out of its folder")
    safe = [leaf(part.lstrip("_"), limit=MAX_STEM, fallback="") for part in parts]
    kept = [part for part in safe[:-1] if part][: MAX_PARTS - 1]
    return "/".join([*kept, safe[-1] or "file"])


def check_template(template: str) -> None:
    """Raise Problem("usage") if `template` cannot be used for names."""
    expand(template, NameFacts(workflow="x", when=datetime(2000, 1, 1), seed=1, node="x", prompt="x"))


def _pieces(template: str, facts: NameFacts) -> list[tuple[str, str | None]]:
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as exc:
        raise _bad(template, str(exc)) from exc
    pieces: list[tuple[str, str | None]] = []
    for literal, name, spec, conversion in parsed:
        if name is None:
            pieces.append((literal, None))
        elif conversion:
            raise _bad(template, f"“!{conversion}” is not known here")
        else:
            pieces.append((literal, _value(template, name, spec or "", facts)))
    return pieces


def _value(template: str, name: str, spec: str, facts: NameFacts) -> str:
    """One field as text that holds no separator of folders."""
    if name in ("index", "seed"):
        number = facts.index if name == "index" else facts.seed
        if not re.fullmatch(r"0?\d{0,2}", spec):
            raise _bad(template, f"“{{{name}:{spec}}}” should look like “{{{name}:04}}”")
        return "" if number is None else format(number, spec)
    texts = {
        "workflow": facts.workflow,
        "time": facts.when.strftime("%H%M%S"),
        "date": facts.when.strftime("%Y-%m-%d"),
        "node": facts.node,
        "prompt": facts.prompt,
    }
    if name not in texts:
        known = " ".join(f"{{{field}}}" for field in ("workflow", "index:04", "seed", "time", "date", "node", "prompt"))
        raise _bad(template, f"“{{{name}}}” is not known; there are {known}")
    if not re.fullmatch(r"\d{0,3}", spec):
        raise _bad(template, f"“{{{name}:{spec}}}” should look like “{{{name}:40}}”")
    limit = min(int(spec or 60), MAX_STEM)
    return leaf(texts[name], limit=limit, fallback="")


def _bad(template: str, reason: str) -> Problem:
    return Problem("usage", detail=f"The name template “{template}” cannot be used: {reason}")


def folder(root: Path, workflow: str, day: date) -> Path:
    """`{root}/{workflow}/{date}`, where the window puts its results."""
    return root / leaf(workflow, limit=MAX_STEM, fallback="workflow") / day.isoformat()


def target(root: Path, facts: NameFacts, template: str, remote_name: str, *, flat: bool = False) -> Target:
    """Where the file that the server calls `remote_name` goes: below `folder()`, or straight into `root` if `flat`."""
    *subfolders, stem = expand(template, facts).split("/")
    base = root if flat else folder(root, facts.workflow, facts.when.date())
    return Target(base.joinpath(*subfolders), stem, saved_extension(remote_name), root)
