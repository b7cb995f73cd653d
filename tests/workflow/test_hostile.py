"""Each of some four hundred bad inputs ends in a sentence, or is opened, in little time and little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workflow import reader
from tests.workflow.hostile import cases

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2.0  # of the processor, for one file
MEMORY = 300 << 10  # KiB, of the whole process
NAME = "bad input"
CODES = {"workflow_json", "workflow_limits", "workflow_not", "workflow_none"}


class Reader:
    """The process that reads."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "error", "-m", reader.__name__]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def read(self, file: Path) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        print(file, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the reader died"
        return json.loads(answer)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def test_there_are_enough_of_them() -> None:
    names = [name for name, _ in cases()]
    assert len(names) == len(set(names)) >= 200


@pytest.mark.timeout(240)
def test_every_bad_input_ends_in_a_sentence(tmp_path: Path) -> None:
    process = Reader()
    wrong: list[str] = []
    try:
        before = 0
        for name, make in cases():
            answer = process.read(_written(tmp_path, make))
            if answer["took"] > SECONDS:  # a machine that is busy with other things counts their cache misses as ours
                answer = process.read(tmp_path / NAME)
            if not _is_right(answer, before):
                wrong.append(f"{name}: {answer}")
            before = max(before, answer["peak"])
    finally:
        process.close()
    assert not wrong, "\n".join(wrong)


def _written(folder: Path, make: Any) -> Path:
    file = folder / NAME
    file.write_bytes(make())
    return file


def _is_right(answer: dict[str, Any], before: int) -> bool:
    said = answer["said"]
    sentences = said[1:]
    return (
        (said[0] == "opened" or said[0] in CODES)
        and all(text.endswith(".") and text.isprintable() and len(text) < 500 for text in sentences)
        and answer["took"] < SECONDS
        and (answer["peak"] < MEMORY or answer["peak"] == before)
    )
