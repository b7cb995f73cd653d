"""A command as text that can be pasted into a shell: POSIX shells, PowerShell, and Windows' cmd."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 100  # letters; a longer command has a line for each option
_CMD_META = re.compile(r'[()%!^"<>&|]')
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_./:\\=+-]+")
_QUOTE_FOR_5 = "$q = if ($PSVersionTable.PSVersion -ge [version]'7.3') { '$1\"' } else { '$1$1\\\"' }"


class Shell(StrEnum):
    POSIX = "posix"
    POWERSHELL = "powershell"
    CMD = "cmd"


@dataclass(frozen=True, slots=True)
class Part:
    """An option with its value, or words that stand alone; parts may stand on lines of their own."""

    words: tuple[str, ...]


def can_carry(shell: Shell, text: str) -> bool:
    """Whether a text goes through a paste into this shell as it is: control characters do something there."""
    return all(letter.isprintable() or (letter == "\n" and shell is not Shell.CMD) for letter in text)


def command(shell: Shell, parts: Sequence[Part]) -> str:
    """The command; what needs quotes has them."""
    quote = {Shell.POSIX: shlex.quote, Shell.POWERSHELL: _powershell, Shell.CMD: _cmd}[shell]
    written = [" ".join(quote(word) for word in part.words) for part in parts]
    line = " ".join(written)
    if len(line) > WIDTH or "\n" in line:
        joint = {Shell.POSIX: " \\\n  ", Shell.POWERSHELL: " `\n  ", Shell.CMD: " ^\n  "}[shell]
        line = joint.join(written)
    needs_quote = shell is Shell.POWERSHELL and any("$q" in text for text in written)
    return f"{_QUOTE_FOR_5}\n{line}" if needs_quote else line


def comment(shell: Shell, text: str) -> str:
    return f"{'REM' if shell is Shell.CMD else '#'} {text}"


def _powershell(word: str) -> str:
    """PowerShell takes typographic quotes for quotes too. Before 7.3 it hands double quotes inside an argument on
    without the backslash that a program's own reading of its command line wants: `$q` is what fits the version."""
    if _PLAIN_WORD.fullmatch(word):
        return word
    quoted = "'" + re.sub("['\u2018\u2019\u201a\u201b]", lambda found: found[0] * 2, word) + "'"
    return f"({quoted} -replace '(\\\\*)\"', $q)" if '"' in word else quoted


def _cmd(word: str) -> str:
    """Quoted as programs read it, then each sign that cmd itself reads behind a caret, the quotes too: so cmd is never
    inside quotes, and a caret counts everywhere."""
    if _PLAIN_WORD.fullmatch(word):
        return word
    inner = re.sub(r'(\\*)"', r'\1\1\\"', word)
    quoted = '"' + re.sub(r"(\\+)$", r"\1\1", inner) + '"'
    return _CMD_META.sub(lambda found: "^" + found[0], quoted)
