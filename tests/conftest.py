"""Every test has a home and a pictures folder of its own, no keychain, and no login or host of who runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

_PERSONAL = ("COMFYDESK_HOST", "COMFYDESK_TOKEN", "COMFYDESK_USER", "COMFYDESK_PASSWORD")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("COMFYDESK_HOME", str(home))
    monkeypatch.setenv("XDG_PICTURES_DIR", str(home / "pictures"))
    for name in _PERSONAL:
        monkeypatch.delenv(name, raising=False)
    yield home
