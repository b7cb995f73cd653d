from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.server.outputs import files_of, is_animated, texts_of
from comfydesk.server.types import RemoteFile

PNG = {"filename": "fox_00001_.png", "subfolder": "rec", "type": "output"}


@pytest.mark.parametrize("slot", ["images", "gifs", "audio", "video", "3d", "latents", "a_custom_node"])
def test_files_of_every_slot_are_found(slot: str) -> None:
    assert files_of({slot: [PNG, PNG]}) == [
        (slot, 0, RemoteFile("fox_00001_.png", "rec", "output")),
        (slot, 1, RemoteFile("fox_00001_.png", "rec", "output")),
    ]


def test_the_flag_for_moving_pictures_is_no_file() -> None:
    output = {"images": [PNG], "animated": [True]}
    assert len(files_of(output)) == 1
    assert is_animated(output)
    assert not is_animated({"images": [PNG], "animated": [False]})
    assert not is_animated({"images": [PNG]})


def test_texts_are_kept_apart_from_files() -> None:
    output = {"text": ["a red fox", ["nested", "twice"]], "images": [PNG]}
    assert texts_of(output) == [("text", 0, "a red fox"), ("text", 1, "nested\ntwice")]
    assert [slot for slot, _, _ in files_of(output)] == ["images"]


def test_names_stay_exactly_as_the_server_gave_them() -> None:
    (_, _, file) = files_of({"images": [{"filename": "../../etc/passwd", "subfolder": "a\\b", "type": "temp"}]})[0]
    assert file == RemoteFile("../../etc/passwd", "a\\b", "temp")


@pytest.mark.parametrize(
    "value",
    [None, 5, "x.png", [None], [5], ["x.png"], [{}], [{"filename": ""}], [{"filename": 5}], [{"name": "x"}], [[PNG]]],
)
def test_what_names_no_file_is_left_out(value: Any) -> None:
    assert files_of({"images": value}) == []


def test_missing_subfolder_and_type_have_defaults() -> None:
    assert files_of({"images": {"filename": "x.png", "subfolder": None}}) == [("images", 0, RemoteFile("x.png"))]


def test_a_hostile_number_of_files_is_cut() -> None:
    assert len(files_of({"images": [PNG] * 100_000})) == 1_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
)


@given(st.dictionaries(st.sampled_from(["images", "text", "animated", "x"]), JSON))
def test_no_output_raises(output: dict[str, Any]) -> None:
    files_of(output)
    texts_of(output)
    is_animated(output)
