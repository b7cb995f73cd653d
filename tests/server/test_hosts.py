from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from comfydesk.base.errors import Problem
from comfydesk.base.settings import SettingsStore
from comfydesk.server.hosts import HostBook
from comfydesk.server.types import AuthKind, Trust


@pytest.fixture
def settings(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


@pytest.fixture
def book(settings: SettingsStore) -> HostBook:
    return HostBook(settings)


def test_a_saved_host_is_there_after_a_restart_with_all_it_had(book: HostBook, settings: SettingsStore) -> None:
    host = book.add(
        "gpu-box",
        "https://gpu.example/comfy/",
        auth=AuthKind.BASIC,
        user="ann",
        trust=Trust(pin="AB" * 32, ca_file="/ca.pem"),
        allow_plain_auth=True,
    )
    assert host.url == "https://gpu.example/comfy"
    again = HostBook(SettingsStore(settings._file))
    assert again.list() == [host]
    assert again.get("GPU-Box") == again.get(host.host_id) == host


def test_no_secret_ever_reaches_the_settings(book: HostBook, settings: SettingsStore) -> None:
    book.add("a", "https://h", auth=AuthKind.BEARER, user="")
    assert "secret" not in settings._file.read_text()


def test_the_same_address_is_saved_once_and_keeps_its_id(book: HostBook) -> None:
    first = book.add("gpu", "gpu:8188")
    second = book.add("my gpu", "http://GPU:8188/", auth=AuthKind.BEARER)
    assert second.host_id == first.host_id
    assert book.list() == [second]


def test_a_name_that_is_taken_gets_a_number(book: HostBook) -> None:
    assert [book.add("GPU", f"gpu{i}").name for i in range(3)] == ["GPU", "GPU 2", "GPU 3"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("127.0.0.1", "This computer"),
        ("localhost:8000", "This computer (8000)"),
        ("gpu-box", "gpu-box"),
        ("gpu.example.com", "gpu"),
        ("192.168.1.20", "192.168.1.20"),
        ("https://h/comfy", "h/comfy"),
        ("[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_a_host_without_a_name_is_called_as_people_would(book: HostBook, url: str, name: str) -> None:
    assert book.add("", url).name == name


def test_a_new_address_keeps_the_host_and_what_hangs_on_it(book: HostBook) -> None:
    host = book.add("pod", "https://pod1.example")
    changed = book.update(dataclasses.replace(host, url="https://pod2.example/"))
    assert changed.host_id == host.host_id
    assert [h.url for h in book.list()] == ["https://pod2.example"]
    with pytest.raises(Problem) as caught:
        book.update(dataclasses.replace(host, host_id="unknown"))
    assert caught.value.code == "host_unknown"


def test_the_default_is_the_chosen_one_else_the_only_one(book: HostBook) -> None:
    assert book.default() is None
    first = book.add("a", "a")
    assert book.default() == first
    second = book.add("b", "b")
    assert book.default() is None
    book.set_default(second.host_id)
    assert book.default() == second
    book.remove(second.host_id)
    assert book.default() == first


def test_a_text_is_a_saved_name_or_a_saved_address_or_a_new_one(book: HostBook) -> None:
    saved = book.add("gpu", "https://gpu.example/comfy")
    assert book.resolve("gpu") == book.resolve("https://gpu.example/comfy/") == saved
    new = book.resolve("other:9000")
    assert (new.host_id, new.url) == ("http://other:9000", "http://other:9000")
    assert book.resolve("other:9000") == new
    with pytest.raises(Problem, match="not an address"):
        book.resolve("no such host!")


def test_an_edited_settings_file_does_no_harm(settings: SettingsStore, book: HostBook) -> None:
    good = book.add("good", "gpu")
    odd = [{"url": "javascript:x"}, {"url": 5}, {}, {"url": "b", "auth": "magic", "user": 7, "allow_plain_auth": "yes"}]
    settings.change(hosts=[*settings.value.hosts, *odd])
    hosts = book.list()
    assert hosts[0] == good
    assert (len(hosts), hosts[1].auth, hosts[1].user, hosts[1].allow_plain_auth) == (2, AuthKind.NONE, "", False)
    book.add("later", "c")
    assert len(settings.value.hosts) == 6  # what was not understood is still there
