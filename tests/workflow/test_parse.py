"""A workflow file is read exactly, within limits, or refused with a sentence."""

from __future__ import annotations

import json
import math
import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.workflow.graph import Link
from comfydesk.workflow.parse import from_prompt, parse

SDXL = resources.path("workflows/sdxl.json").read_bytes()
NODE = {"class_type": "SaveImage", "inputs": {}}


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def refused(data: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        parse(data, "fox.json")
    return caught.value


def test_a_workflow_comes_back_as_it_was() -> None:
    graph = parse(SDXL, "sdxl.json")
    assert graph.to_prompt() == json.loads(SDXL)
    assert list(graph.nodes) == list(json.loads(SDXL))


def test_links_are_links_and_lists_are_values() -> None:
    prompt = {
        "57:8": {"class_type": "A", "inputs": {}},
        "9": {"class_type": "B", "inputs": {"a": ["57:8", 1], "b": ["gone", 0], "c": [1, 2], "d": ["57:8", True]}},
    }
    node = parse(as_bytes(prompt), "x").nodes["9"]
    assert node.inputs == {"a": Link("57:8", 1), "b": ["gone", 0], "c": [1, 2], "d": ["57:8", True]}


def test_titles_come_from_meta_and_a_file_without_meta_opens() -> None:
    assert parse(SDXL, "x").nodes["6"].title == "Prompt"
    bare = {key: {**node, "_meta": None} for key, node in json.loads(SDXL).items()}
    for node in bare.values():
        del node["_meta"]
    graph = parse(as_bytes(bare), "x")
    assert graph.nodes["6"].title == ""
    assert graph.to_prompt() == bare


@pytest.mark.parametrize("key", ["prompt", "output"])
def test_a_wrapped_prompt_is_taken_out(key: str) -> None:
    wrapped = {"client_id": "x", key: json.loads(SDXL), "workflow": {"nodes": [], "links": []}}
    assert parse(as_bytes(wrapped), "x").to_prompt() == json.loads(SDXL)


@pytest.mark.parametrize(
    "value",
    [{"nodes": [], "links": []}, {"nodes": [{"id": 1}], "version": 0.4}, {"workflow": {"nodes": [], "links": []}}],
)
def test_the_editors_own_format_is_recognised(value: object) -> None:
    problem = refused(as_bytes(value))
    assert problem.code == "workflow_gui"
    assert "fox.json" in problem.message
    assert "Export (API)" in problem.next_step


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"[]", "a list"),
        (b"3", "a number"),
        (b"null", "nothing"),
        (b"{}", "no nodes"),
        (b'{"name": "x", "age": 3}', "“name”, “age”"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture"),
        (b"GIF89a", "GIF"),
    ],
)
def test_what_is_no_workflow_is_said_to_be_what_it_is(data: bytes, detail: str) -> None:
    problem = refused(data)
    assert problem.code == "workflow_not"
    assert detail in problem.message


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><html>", "web page"),
        (b'{"a": 1 "b": 2}', "a comma is missing at line 1, column 9"),
        (b'{\n "a" 1}', "a colon is missing at line 2, column 6"),
        (b'{"a": }', "a value is missing"),
        (b'{"a": "x', "does not end|ends too early"),
        (b'{"a": 1', "ends too early"),
        (b'{"a": "x\ny"}', "line break"),
        (b"\xff\x00\xd8\xd8\x00\x01\x02", "UTF-8|value"),
        (b'{"a": "\xe9"}', "not text in UTF-8"),
    ],
)
def test_broken_json_is_explained_in_words(data: bytes, detail: str) -> None:
    problem = refused(data)
    assert problem.code == "workflow_json"
    assert any(part in problem.message for part in detail.split("|")), problem.message


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b" " * (16 * 1024 * 1024 + 1), "16 MB"),
        (as_bytes({"1": {"class_type": "A", "inputs": {"x" * 1_001: 1}}}), "1,001 letters"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "deeper than 100"),
        (b"[" * 100_000, "deeper than 100"),
        (b'{"a": ' + b"9" * 4301 + b"}", "4301 digits"),
        (as_bytes({"1": {"class_type": "A", "inputs": {"text": "x" * (1024 * 1024 + 1)}}}), "more than 1 MB"),
        (as_bytes({str(n): NODE for n in range(10_001)}), "10,001 nodes"),
        (
            as_bytes(
                {
                    "0": NODE,
                    **{
                        str(n): {"class_type": "A", "inputs": {str(i): ["0", 0] for i in range(6_000)}}
                        for n in range(1, 10)
                    },
                }
            ),
            "54,000 links",
        ),
        (as_bytes({"1": {"class_type": "A", "inputs": {"points": [0] * 800_000}}}), "more values"),
    ],
    ids=["size", "name", "depth", "open", "digits", "text", "nodes", "links", "values"],
)
def test_limits_are_kept(data: bytes, detail: str) -> None:
    problem = refused(data)
    assert problem.code == "workflow_limits"
    assert detail in problem.message


def test_a_hostile_file_leaves_other_threads_their_turn() -> None:
    """What holds the interpreter holds the window: its thread must get in between all the time."""
    data = b'{"a":["' + b'","'.join([b""] * 3_000_000) + b'"]}'
    turns, done = [time.perf_counter()], threading.Event()

    def take_turns() -> None:
        while not done.wait(0.001):
            turns.append(time.perf_counter())

    other = threading.Thread(target=take_turns)
    other.start()
    begun = time.perf_counter()
    refused(data)
    passed = time.perf_counter() - begun
    done.set()
    other.join()
    assert max(b - a for a, b in pairwise([*turns, time.perf_counter()])) < max(0.1, passed / 2)


def test_brackets_in_texts_are_no_depth() -> None:
    graph = parse(as_bytes({"1": {"class_type": "A", "inputs": {"text": '[[{"' * 500 + "\\"}}}), "x")
    assert graph.nodes["1"].inputs["text"] == '[[{"' * 500 + "\\"


@pytest.mark.parametrize("number", [2**64 - 1, 2**64, 10**30, -(2**63), 2**53 + 1])
def test_integers_keep_every_digit(number: int) -> None:
    graph = parse(as_bytes({"1": {"class_type": "A", "inputs": {"seed": number}}}), "x")
    assert graph.nodes["1"].inputs["seed"] == number
    assert graph.to_prompt()["1"]["inputs"]["seed"] == number


def test_nan_is_read_and_an_old_servers_note_is_dropped() -> None:
    graph = parse(b'{"1": {"class_type": "A", "inputs": {"x": NaN, "y": -Infinity}, "is_changed": [NaN]}}', "x")
    assert math.isnan(graph.nodes["1"].inputs["x"])
    assert "is_changed" not in graph.to_prompt()["1"]


def test_double_names_are_warned_about_and_the_last_counts() -> None:
    graph = parse(b'{"1": {"class_type": "A", "inputs": {"steps": 1, "steps": 2}}}', "x")
    assert graph.nodes["1"].inputs["steps"] == 2
    assert "steps" in graph.warnings[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_any_unicode_encoding_is_read(encoding: str) -> None:
    text = json.dumps({"1": {"class_type": "A", "inputs": {"text": "füchse 🦊"}}}, ensure_ascii=False)
    assert parse(text.encode(encoding), "x").nodes["1"].inputs["text"] == "füchse 🦊"


@pytest.mark.parametrize(
    "data",
    [
        rb'{"1": {"class_type": "A", "inputs": {"text": "a\ud800b"}}}',
        b'{"1": {"class_type": "A", "inputs": {"text": "a\xed\xa0\x80b"}}}',
    ],
)
def test_lone_surrogates_are_replaced(data: bytes) -> None:
    assert parse(data, "x").nodes["1"].inputs["text"] == "a\ufffdb"


def test_what_is_not_a_node_is_left_out_with_a_warning() -> None:
    graph = parse(as_bytes({"1": NODE, "version": 3, "extra": {"ds": {}}}), "x")
    assert list(graph.nodes) == ["1"]
    assert len(graph.warnings) == 2


def test_a_node_without_class_is_kept_for_the_check_to_name() -> None:
    graph = parse(as_bytes({"1": NODE, "2": {"inputs": {}, "_meta": {"title": "QwenVL"}}}), "x")
    assert graph.nodes["2"].class_type == ""


def test_order_is_by_flow_and_loops_end() -> None:
    prompt = {
        "1": {"class_type": "A", "inputs": {"x": ["2", 0]}},
        "2": {"class_type": "B", "inputs": {"x": ["3", 0]}},
        "3": {"class_type": "C", "inputs": {"x": ["1", 0]}},
    }
    graph = from_prompt(prompt)
    assert sorted(graph.order) == ["1", "2", "3"]
    assert graph.upstream(["1"]) == {"1", "2", "3"}
    assert parse(SDXL, "x").order[-1] == "9"


def test_a_chain_of_ten_thousand_nodes_is_no_recursion() -> None:
    prompt = {str(n): {"class_type": "A", "inputs": {"x": [str(n + 1), 0]}} for n in range(9_999)}
    prompt["9999"] = {"class_type": "A", "inputs": {}}
    graph = parse(as_bytes(prompt), "x")
    assert graph.order[0] == "9999"
    assert len(graph.upstream(["0"])) == 10_000


@given(st.integers(0, len(SDXL) - 1), st.binary(max_size=6), st.integers(0, 40))
def test_a_damaged_file_is_a_workflow_or_a_problem(place: int, put: bytes, cut: int) -> None:
    try:
        graph = parse(SDXL[:place] + put + SDXL[place + cut :], "x")
    except Problem as problem:
        assert problem.code.startswith("workflow_")
        assert problem.message
    else:
        json.dumps(graph.to_prompt()).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.text(max_size=5), JSON | st.fixed_dictionaries({"class_type": st.text(max_size=9) | JSON, "inputs": JSON})
    )
)
def test_any_json_is_a_workflow_or_a_problem(value: dict[str, object]) -> None:
    try:
        graph = parse(as_bytes(value), "x")
    except Problem:
        return
    assert parse(as_bytes(graph.to_prompt()), "x").to_prompt() == graph.to_prompt()
