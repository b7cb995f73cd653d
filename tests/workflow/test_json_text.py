"""The quick way through JSON and the careful one come to the same."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.workflow import json_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
def test_both_ways_give_the_same_value(value: object, encoding: str, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode(encoding, "surrogatepass")
    assert json_text.value_of(data, "x") == json_text.read(data, "x").value


@pytest.mark.parametrize("count", [1, 50, 99, 100, 101, 102, 500, 5_000])
@pytest.mark.parametrize(("head", "tail"), [("[", "]"), ('{"a": ', "}"), ('["[", {}, ', ', "]"]')])
def test_both_ways_draw_the_line_at_the_same_depth(count: int, head: str, tail: str) -> None:
    data = (head * count + "1" + tail * count).encode()
    answers = []
    for way in (json_text.read, json_text.value_of):
        try:
            way(data, "x")
            answers.append("")
        except Problem as problem:
            answers.append(problem.message)
    assert answers[0] == answers[1]
    assert bool(answers[0]) == (count + ("{}" in head) > json_text.MAX_DEPTH)


def test_the_quick_way_keeps_every_digit_and_takes_nan() -> None:
    assert json_text.value_of(b"[18446744073709551616, 9223372036854775808]", "x") == [2**64, 2**63]
    assert math.isnan(json_text.value_of(b"[NaN]", "x")[0])
    assert json_text.value_of(rb'["\ud800"]', "x") == ["\ufffd"]


def test_a_longer_text_is_taken_where_it_is_allowed() -> None:
    data = json.dumps(["x" * (json_text.MAX_STRING + 1)]).encode()
    with pytest.raises(Problem):
        json_text.value_of(data, "x")
    assert len(json_text.value_of(data, "x", max_string=json_text.MAX_BYTES)[0]) == json_text.MAX_STRING + 1
