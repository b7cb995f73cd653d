"""Files that the system does not give just now: in a cloud, on a network drive, held by another program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.library import files, shelf
from comfydesk.library.library import Library
from tests.library import graphs
from tests.library.test_outside import own, put


def test_a_file_that_the_system_refused_once_is_asked_for_again(
    library: Library, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in a cloud folder may be away for a while: neither its time nor its size tells that it is back."""
    put(home, "fox", graphs.prompt("fox"))
    real = Path.open

    def away(path: Path, *arguments: Any, **more: Any) -> Any:
        if path.name == "fox.json":
            raise PermissionError(13, "The cloud file provider is not running")
        return real(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", away)
        assert "cloud" in own(library)["fox"].problem
    assert own(library)["fox"].problem, "not at once"
    monkeypatch.setattr(shelf, "REFUSED", 0.0)
    assert own(library)["fox"].problem == ""
    assert own(library)["fox"].kind == "api"


def test_a_refusal_is_forgotten_when_the_program_ends(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, "fox", graphs.prompt("fox"))
    first = Library(home)
    with monkeypatch.context() as patch:
        patch.setattr(files, "read", refused)
        assert own(first)["fox"].problem
    first.close()
    second = Library(home)
    assert own(second)["fox"].problem == ""
    second.close()


def refused(path: Path, limit: int = 0) -> bytes:
    raise Problem("file_unreadable", file=path, detail="not now")
