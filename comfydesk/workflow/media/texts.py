"""The named texts of a file, gathered within limits. Every reader of this folder fills one of these."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_TEXT = 16 << 20  # bytes of one text, unpacked
MAX_TOTAL = 32 << 20  # bytes of all texts
MAX_TEXTS = 1_000
MAX_KEY = 200  # letters of a name
_MAX_NOTES = 20


@dataclass(slots=True)
class Texts:
    """What was found: (name, text) in the order of the file; `notes` say what was left out and why."""

    found: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def room(self) -> int:
        """Bytes that the next text may have; 0 where no more are taken."""
        return min(MAX_TEXT, MAX_TOTAL - self.size) if len(self.found) < MAX_TEXTS else 0

    def fits(self, length: int) -> bool:
        """Whether a text of that many bytes is still taken; notes it where it is not."""
        if length <= self.room:
            return True
        self.note("a text is too long" if len(self.found) < MAX_TEXTS else f"there are more than {MAX_TEXTS:,} texts")
        return False

    def add(self, key: str, data: bytes, encoding: str = "utf-8") -> None:
        """Take a text. Many programs write UTF-8 where the format's standard says Latin-1, and the other way round."""
        if self.fits(len(data)):
            self.size += len(data)
            self.found.append((key[:MAX_KEY], decoded(data, encoding).rstrip("\0")))

    def take(self, key: str, text: str) -> None:
        """As `add`, for a text that is decoded already."""
        if self.fits(len(text)):
            self.size += len(text)
            self.found.append((key[:MAX_KEY], text))

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < _MAX_NOTES:
            self.notes.append(text)


def decoded(data: bytes, encoding: str = "utf-8") -> str:
    """As the encoding says, else as Latin-1, which takes any byte; never a lone surrogate."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1") if encoding == "utf-8" else data.decode(encoding, "replace")
