"""Bad input: a sentence with a next step, the right exit code, no traceback."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfydesk.demo.process import DemoProcess
from tests.cli.conftest import comfydesk


@pytest.fixture
def web_server() -> Iterator[str]:
    """Something that answers with HTML and is not ComfyUI."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>my router</html>")

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_host_where_nothing_answers() -> None:
    done = comfydesk("run", "sdxl", "--host", "127.0.0.1:9", "--wait-server", 0)
    assert done.code == 5
    assert "127.0.0.1:9" in done.err and "Start ComfyUI" in done.err


def test_a_host_that_does_not_exist() -> None:
    done = comfydesk("run", "sdxl", "--host", "nohost.invalid", "--wait-server", 0)
    assert done.code == 5
    assert "nohost.invalid" in done.err


def test_an_address_that_is_none() -> None:
    done = comfydesk("run", "sdxl", "--host", "http://")
    assert done.code == 2


def test_a_server_that_is_not_comfyui(web_server: str) -> None:
    done = comfydesk("run", "sdxl", "--host", web_server)
    assert done.code == 9
    assert "is not ComfyUI" in done.err
    assert comfydesk("hosts", "test", web_server).code == 9


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{broken", "not valid JSON"),
        ("[1, 2]", "not a ComfyUI workflow"),
        ("{}", "not a ComfyUI workflow"),
        ("", "not"),
        ("[" * 5000, "deep"),
    ],
)
def test_a_file_that_is_no_workflow(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(content)
    done = comfydesk("run", file, "--host", "127.0.0.1:9", "--wait-server", 0)
    assert done.code == 2
    assert words in done.err and "file.json" in done.err


def test_a_workflow_that_is_nowhere() -> None:
    done = comfydesk("run", "sdlx", "--host", "127.0.0.1:9", "--wait-server", 0)
    assert done.code == 2
    assert "sdxl" in done.err


def test_a_node_that_the_host_does_not_know(demo: DemoProcess, tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text(
        json.dumps({"1": {"class_type": "NoSuchNode", "inputs": {}}, "2": {"class_type": "Nor This", "inputs": {}}})
    )
    done = comfydesk("run", file, "--host", demo.url)
    assert done.code == 2
    assert "NoSuchNode" in done.err and "Nor This" in done.err


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("steps=99999", "between"),
        ("steps=many", "steps"),
        ("sampler=best", "best"),
        ("stepz=20", "steps"),
        ("nothing", "KEY=VALUE"),
        ("99.seed=1", "99.seed"),
    ],
)
def test_a_value_that_does_not_fit(demo: DemoProcess, assignment: str, words: str) -> None:
    done = comfydesk("run", "sdxl", "--host", demo.url, "--set", assignment)
    assert done.code == 2
    assert words.lower() in done.err.lower()


def test_a_folder_that_cannot_be_is_told_before_anything_runs(demo: DemoProcess, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = comfydesk("run", "sdxl", "--host", demo.url, "--out", tmp_path / "file" / "x")
    assert done.code == 8
    assert str(tmp_path / "file") in done.err


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes, which is less than ComfyDesk leaves free."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this system does not let the test make a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a tmpfs")
def test_a_full_disk_is_told_and_leaves_no_half_file(demo: DemoProcess, full_disk: Path) -> None:
    done = comfydesk("run", "sdxl", "--host", demo.url, "--out", full_disk, "--json")
    assert done.code == 8
    assert "full" in done.err
    assert list(full_disk.iterdir()) == []


def test_problems_as_json_end_with_a_result_too() -> None:
    done = comfydesk("run", "sdxl", "--host", "127.0.0.1:9", "--wait-server", 0, "--json")
    assert done.events[-1]["type"] == "result"
    assert done.events[-1]["ok"] is False
    assert done.events[-1]["error"]["code"] == "refused"


def test_an_option_that_does_not_exist() -> None:
    done = comfydesk("run", "sdxl", "--seeds", 3)
    assert done.code == 2
