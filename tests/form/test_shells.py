"""Texts for shells: quoted so that a program gets exactly the words."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.form.shells import Part, Shell, can_carry, command

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")
@given(st.lists(WORDS | st.sampled_from(["a\nb", "'", '"', "\\", "$(id)", "!x", "~", "-n", "*"]), max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_posix_shell_hands_on_exactly_the_words(words: list[str]) -> None:
    parts = [Part((sys.executable, "-c", "import sys; print(ascii(sys.argv[1:]))")), *(Part((each,)) for each in words)]
    done = subprocess.run(["sh", "-s"], input=command(Shell.POSIX, parts).encode(), capture_output=True, check=True)
    assert done.stdout.decode().strip() == ascii(words)


@given(st.lists(WORDS, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_cmd_never_gets_into_quotes_and_programs_read_the_words(words: list[str]) -> None:
    line = command(Shell.CMD, [Part((word,)) for word in words]).replace(" ^\n ", "")
    seen = _as_cmd_hands_on(line)
    assert _as_a_windows_program_reads(seen) == words


def test_control_characters_are_not_typed_into_a_terminal() -> None:
    assert not any(can_carry(shell, "a\tb") or can_carry(shell, "a\x1b[2J") for shell in Shell)
    assert can_carry(Shell.POSIX, "a\nb") and not can_carry(Shell.CMD, "a\nb")


def test_powershell_doubles_its_quotes_also_the_typographic_ones() -> None:
    assert command(Shell.POWERSHELL, [Part(("run", "it's \u2018so\u2019"))]) == "run 'it''s \u2018\u2018so\u2019\u2019'"


def test_powershell_gets_the_double_quotes_that_its_version_needs() -> None:
    text = command(Shell.POWERSHELL, [Part(("run", 'say "hi"'))])
    first, line = text.split("\n")
    assert "[version]'7.3'" in first and line == "run ('say \"hi\"' -replace '(\\\\*)\"', $q)"


def test_a_long_command_has_a_line_for_each_option() -> None:
    parts = [Part(("comfydesk",)), *(Part(("--set", f"prompt=a fox number {number}")) for number in range(9))]
    for shell, end in ((Shell.POSIX, " \\"), (Shell.POWERSHELL, " `"), (Shell.CMD, " ^")):
        lines = command(shell, parts).split("\n")
        assert len(lines) == 10 and all(line.endswith(end) for line in lines[:-1])


def _as_cmd_hands_on(line: str) -> str:
    """cmd outside quotes: a caret makes the next sign plain; a sign of its own without one would end the command."""
    assert re.fullmatch(r'(?:\^.|[^()%!^"<>&|])*', line, re.DOTALL), line
    return re.sub(r"\^(.)", r"\1", line, flags=re.DOTALL)


def _as_a_windows_program_reads(line: str) -> list[str]:
    """The rules of CommandLineToArgvW."""
    words: list[str] = []
    word, in_quotes, begun, at = "", False, False, 0
    while at < len(line):
        slashes = re.match(r"\\*", line[at:])[0]  # type: ignore[index]
        at += len(slashes)
        sign = line[at : at + 1]
        if sign == '"':
            word += "\\" * (len(slashes) // 2)
            begun = True
            if len(slashes) % 2:
                word += '"'
            else:
                in_quotes = not in_quotes
        else:
            word += slashes
            begun = begun or bool(slashes)
            if sign in (" ", "\t") and sign and not in_quotes:
                if begun:
                    words.append(word)
                word, begun = "", False
            elif sign:
                word, begun = word + sign, True
        at += 1
    return [*words, word] if begun else words
