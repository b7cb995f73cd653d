from __future__ import annotations

import socket
from collections.abc import Callable
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.server.client import ServerClient
from comfydesk.server.multipart import Multipart
from comfydesk.server.types import RemoteFile
from tests.server.serving import raw, reset
from tests.server.stub import Stub

Connect = Callable[..., ServerClient]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(bytes(range(256)) * 1000)
    return file


def parts(body: bytes, content_type: str) -> dict[str, Any]:
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    return {part.get_param("name", header="content-disposition"): part for part in message.get_payload()}  # type: ignore[union-attr]


def test_a_file_is_uploaded_under_the_name_that_the_prompt_has(stub: Stub, client: ServerClient, picture: Path) -> None:
    stub.routes["POST", "/upload/image"] = {"name": "0123.png", "subfolder": "comfydesk", "type": "input"}
    assert client.upload(picture, "0123.png") == RemoteFile("0123.png", "comfydesk", "input")
    asked = stub.asked[-1]
    sent = parts(asked.body, asked.headers["Content-Type"])
    assert sent["image"].get_payload(decode=True) == picture.read_bytes()
    assert sent["image"].get_filename() == "0123.png"
    assert sent["image"].get_content_type() == "image/png"
    assert sent["subfolder"].get_payload() == "comfydesk"
    assert sent["type"].get_payload() == "input"
    assert "overwrite" not in sent
    assert int(asked.headers["Content-Length"]) == len(asked.body)


def test_the_name_that_comes_back_counts(stub: Stub, client: ServerClient, picture: Path) -> None:
    stub.routes["POST", "/upload/image"] = {"name": "u (1).png", "subfolder": "", "type": "input", "asset": {}}
    assert client.upload(picture, "u.png", "").filename == "u (1).png"


@pytest.mark.parametrize("reply", [{}, [], {"name": ""}, {"name": 5}, {"name": "x", "subfolder": None}])
def test_an_answer_without_a_name_is_a_failure(stub: Stub, client: ServerClient, picture: Path, reply: Any) -> None:
    stub.routes["POST", "/upload/image"] = reply
    with pytest.raises(Problem, match="names no file"):
        client.upload(picture, "x.png")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ((413, "<html>413 Request Entity Too Large</html>"), "upload_too_large"),
        ((413, "Maximum request body size exceeded"), "upload_too_large"),
        ((400, ""), "upload_failed"),
        ((500, ""), "upload_failed"),
        ((401, ""), "auth_needed"),
        ((503, ""), "server_busy"),
    ],
)
def test_a_refused_upload_says_why(stub: Stub, client: ServerClient, picture: Path, reply: Any, code: str) -> None:
    stub.routes["POST", "/upload/image"] = reply
    with pytest.raises(Problem) as caught:
        client.upload(picture, "x.png")
    assert caught.value.code == code


def test_a_file_over_the_servers_limit_is_not_sent(stub: Stub, client: ServerClient, picture: Path) -> None:
    client.features()  # says max_upload_size 1000
    with pytest.raises(Problem, match="1000 bytes"):
        client.upload(picture, "x.png")
    assert [a.path for a in stub.asked] == ["/features"]


def test_a_connection_that_breaks_during_a_large_upload_means_too_large(connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "video.mp4"
    file.write_bytes(bytes(3 << 20))

    def cut(connection: socket.socket, head: bytes) -> None:
        connection.recv(100_000)
        reset(connection)

    with raw(cut) as server, pytest.raises(Problem) as caught:
        connect(server.url).upload(file, "video.mp4")
    assert caught.value.code == "upload_too_large"


def test_a_connection_that_breaks_during_a_small_upload_is_just_broken(connect: Connect, picture: Path) -> None:
    with raw(lambda connection, head: reset(connection)) as server, pytest.raises(Problem) as caught:
        connect(server.url).upload(picture, "x.png")
    assert caught.value.code == "reset"


def test_a_file_that_is_gone_or_no_file_is_told(client: ServerClient, tmp_path: Path) -> None:
    for path, code in ((tmp_path / "gone.png", "file_missing"), (tmp_path, "file_unreadable")):
        with pytest.raises(Problem) as caught:
            client.upload(path, "x.png")
        assert caught.value.code == code


def test_a_name_cannot_break_out_of_its_header(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"data")
    with Multipart({"type": "input"}, "image", 'a"\r\nX: y.png', file, "image/png") as body:
        text = b"".join(body)
        assert len(text) == len(body)
        assert b'filename="a%22%0D%0AX: y.png"' in text


def test_a_file_that_changes_while_it_is_sent_never_breaks_the_length(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"a" * 100)
    with Multipart({}, "image", "x", file, "image/png") as body:
        with file.open("ab") as stream:
            stream.write(b"b" * 100)
        text = b"".join(body)
        assert len(text) == len(body)
        assert b"b" not in text.split(b"\r\n\r\n")[1].split(b"\r\n")[0]
    with Multipart({}, "image", "x", file, "image/png") as body:
        file.write_bytes(b"")
        with pytest.raises(OSError, match="shorter"):
            b"".join(body)
