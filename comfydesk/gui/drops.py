"""What is dropped or pasted: files, pictures as bytes, JSON text, links. Reads Qt's data only, never a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QDir, QMimeData, QUrl

translate = QCoreApplication.translate

OWN_DRAG = "application/x-comfydesk-workflows"  # entries of the library: their names, one a line
RESULT_DRAG = "application/x-comfydesk-result"  # the gallery's id of the first file that is dragged
MAX_TEXT = 32 << 20  # letters; more is no workflow
MEDIA = (
    *("png", "apng", "webp", "jpg", "jpeg", "avif"),
    *("mp4", "mov", "webm", "mkv"),
    *("flac", "mp3", "opus", "ogg", "glb", "safetensors", "latent"),
)
# As the programs give them, in the order in which they keep what is in the file.
_PICTURES = (("image/png", "png"), ("image/webp", "webp"), ("image/avif", "avif"), ("image/jpeg", "jpg"))
_PATH = re.compile(r"(/|~/|[A-Za-z]:[\\/]|\\\\|file://)\S")
_A1111 = re.compile(r"^Steps: \d+, .*Sampler: ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Drop:
    """One of `files`, `data` with its `name`, `text` or `url` is there. `folder`: where it goes in the library.

    `ask`: the link is fetched only after a question.
    """

    files: tuple[str, ...] = ()
    data: bytes = b""
    name: str = ""
    text: str = ""
    url: str = ""
    folder: str = ""
    ask: bool = False


def local_files(mime: QMimeData) -> list[str]:
    """The paths in it; links into the web are none."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def can_take(mime: QMimeData) -> bool:
    """Whether letting go of it would add something; looks at its kinds only, which is cheap while it is dragged."""
    if mime.hasFormat(OWN_DRAG) or mime.hasFormat(RESULT_DRAG):
        return False
    return mime.hasUrls() or mime.hasText() or any(mime.hasFormat(kind) for kind, _ in _PICTURES)


def from_mime(mime: QMimeData, folder: str = "", *, ask: bool = False) -> Drop | None:
    """What it brings; None where that is nothing for the library.

    Qt's own picture has lost the workflow, so that the bytes are taken as the other program gives them.
    """
    if mime.hasFormat(OWN_DRAG) or mime.hasFormat(RESULT_DRAG):
        return None
    if files := local_files(mime):
        return Drop(files=tuple(files), folder=folder)
    for url in mime.urls():
        if link := web_link(url.toString(QUrl.ComponentFormattingOption.FullyEncoded)):
            return Drop(url=link, folder=folder, ask=ask)
    if picture := picture_bytes(mime):
        data, ending = picture
        return Drop(data=data, name=f"{translate('Drops', 'Pasted picture')}.{ending}", folder=folder)
    return from_text(mime.text(), folder, ask=ask) if mime.hasText() else None


def result_id(mime: QMimeData) -> int | None:
    """Which result of the gallery is dragged, None where it is something else."""
    text = bytes(mime.data(RESULT_DRAG).data())
    return int(text) if text.isdigit() and len(text) < 19 else None


def picture_bytes(mime: QMimeData) -> tuple[bytes, str] | None:
    """A picture as the other program gives it, and the ending of such files."""
    for kind, ending in _PICTURES:
        if mime.hasFormat(kind):
            data = bytes(mime.data(kind).data())
            if data:
                return data, ending
    return None


def from_text(text: str, folder: str = "", *, ask: bool = False) -> Drop | None:
    """JSON, a link, paths of files, or the settings text of another program; None for any other text."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        return None
    if text[0] in "{[":
        return Drop(text=text, name=translate("Drops", "Pasted workflow"), folder=folder)
    if _A1111.search(text[-4000:]):
        return Drop(text=text, name=translate("Drops", "The pasted text"), folder=folder)
    if link := web_link(text):
        return Drop(url=link, folder=folder, ask=ask)
    lines = text.splitlines()
    if len(lines) <= 1000 and all(_PATH.match(line) for line in lines):
        return Drop(files=tuple(_path(line.strip()) for line in lines), folder=folder)
    return None


def web_link(text: str) -> str:
    """The link, if the text is nothing but one to http or https; else ""."""
    if len(text) > 4000 or any(letter.isspace() for letter in text):
        return ""
    url = QUrl(text, QUrl.ParsingMode.StrictMode)
    return text if url.isValid() and url.scheme().lower() in ("http", "https") and url.host() else ""


def name_filters() -> list[str]:
    """For file dialogs."""
    endings = " ".join(f"*.{ending}" for ending in ("json", *MEDIA, "txt"))
    return [
        translate("Drops", "Workflows, pictures and videos ({endings})").format(endings=endings),
        translate("Drops", "All files (*)"),
    ]


def _path(line: str) -> str:
    if line.startswith("~/"):
        return QDir.homePath() + line[1:]
    return QUrl(line).toLocalFile() if line.startswith("file://") else line
