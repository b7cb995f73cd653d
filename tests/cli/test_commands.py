"""`params`, `info`, `hosts`, and what starts what."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from comfydesk.__main__ import window_wish
from comfydesk.demo.process import DemoProcess
from tests.cli.conftest import comfydesk


def test_params_lists_keys_roles_kinds_and_ranges_of_a_host(demo: DemoProcess) -> None:
    rows = {row["key"]: row for row in comfydesk("params", "sdxl", "--host", demo.url, "--json").events}
    roles = {row["role"]: row for row in rows.values() if row["role"]}
    assert {"prompt", "negative", "seed", "width", "height", "steps", "cfg", "sampler", "model"} <= set(roles)
    assert roles["steps"]["kind"] == "int" and roles["steps"]["max"] == 10000
    assert roles["seed"]["kind"] == "seed"
    assert "euler" in roles["sampler"]["choices"]


def test_params_works_without_any_host() -> None:
    done = comfydesk("params", "sdxl", "flux-schnell")
    assert done.code == 0, done.err
    assert "Prompt" in done.out and "Seed" in done.out


def test_info_tells_what_made_a_picture(demo: DemoProcess, tmp_path: Path) -> None:
    run = comfydesk("run", "sdxl", "--host", demo.url, "--set", "prompt=a teapot", "--seed", 77, "--out", tmp_path)
    done = comfydesk("info", run.lines[0])
    assert done.code == 0
    assert "a teapot" in done.out and "77" in done.out
    (facts,) = comfydesk("info", run.lines[0], "--json").events
    assert facts["has_workflow"] and "KSampler" in json.dumps(facts["prompt"])


def test_info_says_when_a_file_carries_nothing(tmp_path: Path) -> None:
    file = tmp_path / "plain.txt"
    file.write_text("hello")
    done = comfydesk("info", file)
    assert done.code == 4 and "carries no" in done.out
    assert comfydesk("info", tmp_path / "gone.png").code == 2


def test_hosts_are_saved_tested_and_removed(demo: DemoProcess) -> None:
    assert comfydesk("hosts", "add", "box", demo.url).code == 0
    assert "box" in comfydesk("hosts", "list").out
    tested = comfydesk("hosts", "test", "box")
    assert tested.code == 0 and "box" in tested.out and "ComfyUI 0.33.0" in tested.out
    ran = comfydesk("run", "sdxl", "--host", "BOX", "--seed", 3, "--json")
    assert ran.code == 0, ran.err
    assert comfydesk("hosts", "remove", "box").code == 0
    assert "box" not in comfydesk("hosts", "list").out
    assert comfydesk("hosts", "remove", "box").code == 2


def test_hosts_test_says_what_is_wrong() -> None:
    done = comfydesk("hosts", "test", "127.0.0.1:9")
    assert done.code == 5 and "Start ComfyUI" in done.err
    assert done.err.count("Nothing answers") == 1


def test_help_and_version_come_without_the_engine() -> None:
    listed = "import sys; sys.argv=['comfydesk','--version']\nfrom comfydesk.__main__ import main\ncode=main()\n"
    check = "assert code == 0; assert not {'PySide6', 'requests', 'aiohttp', 'PIL', 'keyring'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", listed + check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0.1" in done.stdout


@pytest.mark.parametrize(
    ("argv", "window"),
    [
        ([], True),
        (["--demo"], True),
        (["--home", "x"], True),
        (["open", "a.json"], True),
        (["--quit-after-paint", "shot.png"], True),
        (["run", "sdxl", "--demo"], False),
        (["--home", "x", "run", "sdxl"], False),
        (["--help"], False),
        (["--version"], False),
        (["no-such-command"], False),
    ],
)
def test_the_entry_knows_the_window_from_a_command(argv: list[str], window: bool) -> None:
    assert (window_wish(argv) is not None) is window


def test_files_alone_open_the_window(tmp_path: Path) -> None:
    file = tmp_path / "w.json"
    file.write_text("{}")
    wish = window_wish([str(file), "--demo"])
    assert wish is not None and wish.files == [str(file)] and wish.demo


def test_importing_the_package_imports_neither_qt_nor_the_engine() -> None:
    code = "import sys, comfydesk; assert not [m for m in sys.modules if m.startswith(('PySide6', 'comfydesk.'))]"
    code += "; comfydesk.generate; assert not [m for m in sys.modules if m.startswith('PySide6')]"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
