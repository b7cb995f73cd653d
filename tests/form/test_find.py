"""A field is found by its name, its input, its node, or what is in it."""

from __future__ import annotations

import time

from comfydesk.form.build import build
from comfydesk.form.fields import LocalFile
from comfydesk.form.find import hits, is_worth_it
from comfydesk.form.profile import OwnGroup, Profile
from tests.form.graphs import sdxl_form, small_specs

GRAPH, FORM = sdxl_form()


def test_all_words_have_to_be_there_in_any_order() -> None:
    assert hits(FORM, {}, "ksampler cfg") == ["3.cfg"]
    assert hits(FORM, {}, "CFG KSampl") == ["3.cfg"]
    assert hits(FORM, {}, "negative") == ["7.text"]
    assert hits(FORM, {}, "scheduler nothing") == []
    assert hits(FORM, {}, "  ") is None


def test_what_a_field_holds_now_is_found() -> None:
    assert hits(FORM, {"6.text": "A red Fox"}, "fox") == ["6.text"]
    assert "6.text" not in (hits(FORM, {"6.text": "a wolf"}, "fox") or [])
    assert hits(FORM, {"6.text": LocalFile("/pictures/badger.png")}, "badger") == ["6.text"]


def test_essentials_come_first_links_never_and_hidden_ones_last() -> None:
    found = hits(FORM, {}, "ksampler")
    assert found is not None
    assert found[0] == "3.seed"
    assert "3.model" not in found
    form = build(GRAPH, small_specs(), Profile(hidden=("3.seed",), groups=(OwnGroup("Zebra", ("3.cfg",)),)))
    assert (hits(form, {}, "ksampler") or [])[-1] == "3.seed"
    assert hits(form, {}, "zebra") == ["3.cfg"]


def test_the_starter_needs_a_search_and_a_handful_of_fields_does_not() -> None:
    assert is_worth_it(FORM)
    few = build(GRAPH, None)
    assert not is_worth_it(type(few)(few.fields[:5], (), ()))


def test_long_texts_are_searched_at_their_beginning_only() -> None:
    began = time.perf_counter()
    assert hits(FORM, {"6.text": "x" * 10_000_000 + " fox"}, "fox") == []
    assert time.perf_counter() - began < 0.2
