"""What the editor does to texts on their way."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.workflow.conversion import convert, write_back
from comfydesk.workflow.conversion.encoding import plain_text
from comfydesk.workflow.conversion.live import LiveGraph
from comfydesk.workflow.conversion.texts import draw, fill_names, has_choices
from tests.workflow.conversion.graphs import OBJECT_INFO, graph, inputs_of, node


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a cat // no dog\nhere", "a cat \nhere"),
        ("a /* gone\n */b", "a b"),
        ("see http://x.y", "see http:"),
        ("a {red} fox", "a red fox"),
        ("a {red|blue} fox", "a red fox"),
        ("{a {b|c}|d}", "a b"),
        (r"\{as it is\}", "{as it is}"),
        (r"c:\dir", r"c:\dir"),
        ("{open|ended", "open"),
        ("", ""),
    ],
)
def test_a_drawn_text_is_resolved(text: str, sent: str) -> None:
    assert inputs_of(graph([node(1, "Text", text)])) == {"text": sent}


def test_a_text_with_choices_is_named() -> None:
    assert [note.code for note in convert(graph([node(1, "Text", "{a|b}")]), OBJECT_INFO).warnings] == ["text_choices"]
    assert convert(graph([node(1, "Text", "{a}")]), OBJECT_INFO).warnings == ()


def test_other_texts_stay_as_they_are() -> None:
    assert inputs_of(graph([node(1, "Plain", "{a|b} // c")])) == {"text": "{a|b} // c"}


def test_a_file_name_takes_values_of_other_nodes() -> None:
    made = graph(
        [
            node(1, "SaveImage", "%Picture.width%_%Mine.height%_%Nope.x%_%width%"),
            node(2, "Picture", 64, 48),
            {**node(3, "Picture", 1, 2), "title": "Mine"},
        ]
    )
    assert inputs_of(made)["filename_prefix"] == "64_2_%Nope.x%_%width%"


def test_a_file_name_takes_the_date() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5)
    text = "%date:yyyy-MM-dd% %date:hh_mm_ss% %date:d-M-yy% %date:yyy%"
    assert fill_names(text, LiveGraph(""), now) == "2026-01-02 03_04_05 2-1-26 yyy"


def test_characters_that_a_file_name_cannot_have_become_lines() -> None:
    made = graph([node(1, "SaveImage", "%Plain.text%"), node(2, "Plain", 'a/b:c"d')])
    assert inputs_of(made)["filename_prefix"] == "a_b_c_d"


@given(st.text(alphabet="ab {}|\\/*\n", max_size=12).filter(lambda text: not text.endswith("\\")))
def test_any_text_can_be_spelled_so_that_it_is_sent_as_it_is(text: str) -> None:
    spelled = plain_text(text)
    assert draw(spelled) == text
    assert not has_choices(spelled)


def test_for_a_form_texts_and_file_names_stay_as_they_are_written() -> None:
    text, name = "a {red|blue} fox // note", "%Picture.width%_%date:yyyy%"
    made = graph([node(1, "Text", text), node(2, "SaveImage", name), node(3, "Picture", 64, 48)])
    opened = convert(made, OBJECT_INFO, as_written=True)
    assert opened.prompt["1"]["inputs"]["text"] == text
    assert opened.prompt["2"]["inputs"]["filename_prefix"] == name
    assert opened.warnings == ()
    assert opened.named["Picture"] == "3"
    assert "SaveImage" not in opened.named or opened.named["SaveImage"] == "2"


def test_what_was_drawn_goes_into_the_graph_so_that_it_is_sent_exactly() -> None:
    made = graph([node(1, "Text", "a {red|blue} fox // note")])
    opened = convert(made, OBJECT_INFO, as_written=True)
    opened.prompt["1"]["inputs"]["text"] = "a blue | {fox}"
    assert inputs_of(write_back(made, opened.places, opened.prompt)) == {"text": "a blue | {fox}"}


def test_what_a_person_wrote_goes_into_the_graph_as_it_is() -> None:
    made = graph([node(1, "Text", "a")])
    opened = convert(made, OBJECT_INFO, as_written=True)
    opened.prompt["1"]["inputs"]["text"] = "a {red|blue} fox"
    written = write_back(made, opened.places, opened.prompt, as_written=True)
    assert convert(written, OBJECT_INFO, as_written=True).prompt["1"]["inputs"]["text"] == "a {red|blue} fox"
