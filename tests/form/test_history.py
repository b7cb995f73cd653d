"""Undo and redo of what a person does in a form."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form.history import ABSENT, History


def applied(state: dict[Any, Any], parts: dict[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in {**state, **parts}.items() if value is not ABSENT}


def test_typing_in_one_field_within_a_second_is_one_step() -> None:
    history = History({"a": ""})
    for at, text in enumerate(("w", "wo", "wolf")):
        history.note({"a": text}, "Prompt", at * 0.9)
    assert history.undo_what == "Prompt" and history.undo() == {"a": ""}
    assert history.undo_what is None and history.redo_what == "Prompt"
    history.absorb({"a": ""})
    assert history.redo() == {"a": "wolf"}


def test_a_pause_or_another_field_begins_a_step() -> None:
    history = History({"a": "", "b": 1})
    history.note({"a": "w", "b": 1}, "Prompt", 0.0)
    history.note({"a": "wolf", "b": 1}, "Prompt", 1.5)
    history.note({"a": "wolf", "b": 2}, "Steps", 1.6)
    assert [history.undo() for _ in range(3)] == [{"b": 1}, {"a": "w"}, {"a": ""}]


def test_what_ends_as_it_began_is_no_step() -> None:
    history = History({"a": 1})
    history.note({"a": 2}, "Steps", 0.0)
    history.note({"a": 1}, "Steps", 0.5)
    assert history.undo_what is None


def test_a_change_of_many_is_one_step_and_closes_what_was_typed_before() -> None:
    history = History({"a": 1, "b": 1})
    history.note({"a": 2, "b": 1}, "Steps", 0.0)
    history.note({"a": 5, "b": 6}, "Reset all", 0.1)
    assert history.undo() == {"a": 2, "b": 1}


def test_a_part_that_was_not_there_is_taken_away_again() -> None:
    history = History({})
    history.note({"a": 1}, "Add", 0.0)
    assert history.undo() == {"a": ABSENT}


def test_a_new_change_forgets_what_could_be_redone() -> None:
    history = History({"a": 1})
    history.note({"a": 2}, "Steps", 0.0)
    history.undo()
    history.absorb({"a": 1})
    history.note({"a": 3}, "Steps", 0.1)
    assert history.redo_what is None and history.undo() == {"a": 1}


def test_a_text_that_takes_back_its_own_letters_does_not_bring_them_back() -> None:
    history = History({"a": "", "b": 1})
    history.note({"a": "a wolf", "b": 1}, "Prompt", 0.0)
    history.note({"a": "a wolf", "b": 2}, "Steps", 2.0)
    history.note({"a": "a wolf in snow", "b": 2}, "Prompt", 4.0)
    history.rewind({"a": "", "b": 2})
    assert history.undo_what == "Steps" and history.undo() == {"b": 1}
    assert history.undo_what is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.floats(0, 3)), max_size=30))
def test_undoing_all_gives_the_beginning_and_redoing_all_the_end(edits: list[tuple[str, int, float]]) -> None:
    state: dict[Any, Any] = {"a": 0, "b": 0}
    first, history, at = dict(state), History(state), 0.0
    for key, value, pause in edits:
        at += pause
        state = {**state, key: value}
        history.note(state, key, at)
    last = state
    while parts := history.undo():
        state = applied(state, parts)
        history.absorb(state)
    assert state == first
    while parts := history.redo():
        state = applied(state, parts)
        history.absorb(state)
    assert state == last
