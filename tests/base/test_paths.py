"""Where things are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfydesk.base import resources
from comfydesk.base.paths import Home


def test_home_is_what_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFYDESK_HOME", str(tmp_path / "env"))
    assert Home.locate().root == tmp_path / "env"
    assert Home.locate(tmp_path / "given").root == tmp_path / "given"


def test_the_demo_lives_apart_and_keeps_its_results_in_its_home(tmp_path: Path) -> None:
    home = Home.locate(tmp_path, demo=True)
    assert home.is_demo
    assert home.root == tmp_path / "demo"
    assert home.default_output_root().is_relative_to(home.root)
    assert not Home.locate(tmp_path).default_output_root().is_relative_to(tmp_path)


def test_folders_are_made_once_and_again(tmp_path: Path) -> None:
    home = Home.locate(tmp_path / "h").make().make()
    assert home.workflows.is_dir() and home.owners.is_dir() and home.cache.is_dir()


def test_starter_workflows_ship_with_the_program() -> None:
    assert resources.path("workflows").is_dir()
