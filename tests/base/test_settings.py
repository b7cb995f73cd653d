from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.base.settings import Settings, SettingsStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "settings.json"


def test_without_a_file_everything_has_its_default(file: Path) -> None:
    assert SettingsStore(file).value == Settings()
    assert not file.exists()  # reading writes nothing


def test_a_change_is_there_after_a_restart(file: Path) -> None:
    store = SettingsStore(file)
    assert store.change(theme="dark", previews=False).theme == "dark"
    store.change(splitters={"create": "AAA="}, hosts=[{"name": "gpu"}])
    again = SettingsStore(file).value
    assert (again.theme, again.previews) == ("dark", False)
    assert (again.splitters, again.hosts) == ({"create": "AAA="}, [{"name": "gpu"}])


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_only_the_user_may_read_them(file: Path) -> None:
    SettingsStore(file).change(theme="dark")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("name", "value"), [("colour", 1), ("theme", 5), ("hosts", "x"), ("previews", "yes")])
def test_a_wrong_name_or_type_is_a_mistake_of_the_program(file: Path, name: str, value: Any) -> None:
    store = SettingsStore(file)
    with pytest.raises(TypeError):
        store.change(**{name: value})
    assert not file.exists()


def test_settings_of_a_newer_version_are_kept(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"theme": "dark", "from_the_future": {"x": [1]}}')
    store = SettingsStore(file)
    assert store.value.theme == "dark"
    store.change(previews=False)
    assert json.loads(file.read_text())["from_the_future"] == {"x": [1]}


def test_one_wrong_value_does_not_take_the_others_with_it(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"theme": 7, "output_root": "/pictures"}')
    value = SettingsStore(file).value
    assert (value.theme, value.output_root) == ("system", "/pictures")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' * 5000])
def test_a_broken_file_is_set_aside_not_lost(file: Path, data: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(data)
    store = SettingsStore(file)
    assert store.value == Settings()
    (aside,) = file.parent.glob("settings.json.broken-*")
    assert aside.read_bytes() == data
    store.change(theme="light")
    assert SettingsStore(file).value.theme == "light"


def test_two_programs_do_not_undo_each_others_changes(file: Path) -> None:
    window, command = SettingsStore(file), SettingsStore(file)
    window.change(theme="dark")
    command.change(output_root="/pictures")
    window.change(previews=False)
    assert window.value == SettingsStore(file).value == command.reload()
    assert (window.value.theme, window.value.output_root, window.value.previews) == ("dark", "/pictures", False)


def test_many_threads_lose_no_change(file: Path) -> None:
    store = SettingsStore(file)
    names = ["last_workflow", "output_root", "window", "on_close"]
    threads = [threading.Thread(target=lambda n=n: [store.change(**{n: str(i)}) for i in range(10)]) for n in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    value = SettingsStore(file).value
    assert [getattr(value, n) for n in names] == ["9"] * 4


def test_a_folder_that_cannot_be_written_is_a_problem_of_the_disk(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    store = SettingsStore(blocked / "settings.json")
    with pytest.raises(Problem) as caught:
        store.change(theme="dark")
    assert caught.value.code == "disk_write"


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SettingsStore(file)
    store.change(theme="dark")
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match="No space left"):
        store.change(theme="light")
    monkeypatch.undo()
    assert file.read_bytes() == before
    assert store.value.theme == "dark"
    assert not list(file.parent.glob(".settings-*"))


@given(st.binary(max_size=60))
def test_no_file_keeps_the_program_from_starting(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.json"
        file.write_bytes(data)
        assert isinstance(SettingsStore(file).value, Settings)
