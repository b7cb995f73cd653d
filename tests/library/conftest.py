"""A library of its own for each test, with a trash that keeps nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import send2trash

from comfydesk.base import resources
from comfydesk.base.paths import Home
from comfydesk.library.library import Library

SDXL = resources.path("workflows/sdxl.json")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "cache").make()


@pytest.fixture
def library(home: Home) -> Iterator[Library]:
    made = Library(home)
    yield made
    made.close()


@pytest.fixture
def trashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that went to the system's trash."""
    names: list[str] = []

    def trash(path: Path) -> None:
        names.append(Path(path).name)
        Path(path).unlink()

    monkeypatch.setattr(send2trash, "send2trash", trash)
    return names


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A workflow file outside the library, different for each prompt text."""

    def make(name: str, text: str = "a fox", folder: str = "downloads") -> Path:
        prompt = json.loads(SDXL.read_bytes())
        prompt["6"]["inputs"]["text"] = text
        file = tmp_path / folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(prompt), "utf-8")
        return file

    return make
