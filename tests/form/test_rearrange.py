"""Arranging a form: each step makes a new profile, and the form shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.form import profile_file
from comfydesk.form.build import build
from comfydesk.form.fields import Form
from comfydesk.form.profile import MAX_SHOWN, NO_PROFILE, OwnGroup, Profile, Range, from_json
from comfydesk.form.rearrange import (
    ADVANCED,
    FIRST,
    HIDDEN,
    USUAL,
    Section,
    Spot,
    add_group,
    explain,
    limit,
    place,
    relabel,
    remove_group,
    rename_group,
    shown_in,
    spot_of,
    step,
    step_group,
)
from tests.form.graphs import sdxl_form, small_specs

GRAPH, PLAIN = sdxl_form()


def form_of(profile: Profile) -> Form:
    return build(GRAPH, small_specs(), profile)


def everywhere(form: Form) -> list[str]:
    return sorted([*form.essentials, *form.hidden, *(key for group in form.groups for key in group.keys)])


def test_a_hidden_field_is_in_no_other_place_and_keeps_its_value() -> None:
    form = form_of(place(NO_PROFILE, PLAIN, ["3.steps"], HIDDEN))
    assert form.hidden == ("3.steps",)
    assert "3.steps" not in form.essentials
    assert everywhere(form) == everywhere(PLAIN)
    assert form.by_key["3.steps"].value == PLAIN.by_key["3.steps"].value


def test_an_essential_moves_before_another() -> None:
    profile = place(NO_PROFILE, PLAIN, ["3.cfg"], FIRST, PLAIN.essentials[0])
    assert form_of(profile).essentials == ("3.cfg", *(key for key in PLAIN.essentials if key != "3.cfg"))


def test_a_field_goes_to_advanced_and_comes_back() -> None:
    profile = place(NO_PROFILE, PLAIN, ["3.cfg"], ADVANCED)
    form = form_of(profile)
    assert spot_of(form, "3.cfg") == ADVANCED
    assert spot_of(form_of(place(profile, form, ["3.cfg"], FIRST)), "3.cfg") == FIRST


def test_what_is_first_stays_as_the_graph_says_until_a_person_changes_it() -> None:
    assert relabel(NO_PROFILE, "3.cfg", "Strength").essentials is None
    assert place(NO_PROFILE, PLAIN, ["3.denoise"], HIDDEN).essentials is None


def test_all_essentials_can_go() -> None:
    form = form_of(place(NO_PROFILE, PLAIN, list(PLAIN.essentials), ADVANCED))
    assert form.essentials == ()
    assert everywhere(form) == everywhere(PLAIN)


def test_an_own_group_holds_fields_of_several_nodes_in_the_persons_order() -> None:
    profile = place(add_group(NO_PROFILE, "  Look \n"), PLAIN, ["3.cfg", "5.width"], Spot(Section.GROUP, 0))
    form = form_of(profile)
    assert [(group.title, group.keys) for group in form.groups if group.is_own] == [("Look", ("3.cfg", "5.width"))]
    assert "3.cfg" not in form.essentials
    assert spot_of(form, "5.width") == Spot(Section.GROUP, 0)
    assert form_of(remove_group(profile, 0)).essentials == PLAIN.essentials


def test_groups_are_renamed_and_moved() -> None:
    profile = add_group(add_group(NO_PROFILE, "a"), "b")
    assert [group.title for group in step_group(profile, 0, 1).groups] == ["b", "a"]
    assert step_group(profile, 1, 1) == profile
    assert [group.title for group in rename_group(profile, 1, "c").groups] == ["a", "c"]
    assert rename_group(profile, 1, " \t") == profile
    assert add_group(profile, "\u200b") == profile


def test_a_field_steps_up_and_down_in_its_section() -> None:
    first, second, *rest = PLAIN.essentials
    profile = step(NO_PROFILE, PLAIN, first, 1)
    assert form_of(profile).essentials == (second, first, *rest)
    assert step(NO_PROFILE, PLAIN, first, -1) is NO_PROFILE
    last = PLAIN.essentials[-1]
    assert form_of(step(NO_PROFILE, PLAIN, last, -1)).essentials[-2] == last


def test_fields_that_are_not_here_now_stay_in_the_profile() -> None:
    profile = Profile(("9.gone", "3.cfg", "3.steps"))
    after = place(profile, form_of(profile), ["3.steps"], FIRST, "3.cfg")
    assert after.essentials == ("9.gone", "3.steps", "3.cfg")


def test_names_and_help_are_the_persons_and_go_back_to_the_usual() -> None:
    profile = explain(relabel(NO_PROFILE, "3.cfg", "Strength"), "3.cfg", "Between 3 and 8.\nNever <b>more</b>.")
    field = form_of(profile).by_key["3.cfg"]
    assert field.label == "Strength"
    assert field.tooltip.startswith("Between 3 and 8.\nNever <b>more</b>.")
    back = explain(relabel(profile, "3.cfg", ""), "3.cfg", " ")
    assert back == NO_PROFILE


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        (Range(10, 40), (10, 40, 10, 40)),
        (Range(None, 40), (1, 40, 1, 40)),
        (Range(-5, 100), (1, 100, 1, 100)),
        (Range(30, 40), (20, 40, 20, 40)),  # wide enough for the file's value
        (Range(10.5, 40.5), (11, 40, 11, 40)),
        (Range(), (1, 10000, 1, 60)),
    ],
)
def test_a_range_is_narrowed_inside_the_nodes_own(chosen: Range, shown: tuple[int, ...]) -> None:
    field = form_of(limit(NO_PROFILE, "3.steps", chosen)).by_key["3.steps"]
    assert (field.min, field.max, field.soft_min, field.soft_max) == shown


def test_a_range_has_a_step_of_its_own_that_fits_into_it() -> None:
    assert form_of(limit(NO_PROFILE, "3.steps", Range(10, 40, 5))).by_key["3.steps"].step == 5
    assert form_of(limit(NO_PROFILE, "3.steps", Range(10, 40, 500))).by_key["3.steps"].step is None
    assert form_of(limit(NO_PROFILE, "3.steps", Range(10, 40, 0.2))).by_key["3.steps"].step == 1
    assert form_of(limit(NO_PROFILE, "3.sampler_name", Range(1, 2))).by_key["3.sampler_name"].min is None


KEYS = st.one_of(st.sampled_from(sorted(PLAIN.by_key)), st.text(max_size=8))
NUMBERS = st.one_of(st.none(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False, allow_infinity=False, width=32))
TEXTS = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=20)


def _named(text: str) -> bool:
    return bool(text.strip())


PROFILES = st.builds(
    Profile,
    st.one_of(st.none(), st.lists(KEYS, unique=True, max_size=8).map(tuple)),
    st.dictionaries(KEYS, TEXTS.filter(_named), max_size=4),
    st.lists(KEYS, unique=True, max_size=3).map(tuple),
    st.lists(KEYS, unique=True, max_size=5).map(tuple),
    st.lists(KEYS, unique=True, max_size=6).map(
        lambda keys: (OwnGroup("a", tuple(keys[:3])), OwnGroup("b", tuple(keys[3:])))
    ),
    st.dictionaries(
        KEYS,
        st.builds(Range, NUMBERS, NUMBERS, st.one_of(st.none(), st.integers(1, 99))).filter(
            lambda r: r != Range() and (r.low is None or r.high is None or r.low < r.high) and not _too_large(r)
        ),
        max_size=3,
    ),
    st.dictionaries(KEYS, TEXTS.filter(_named), max_size=3),
)


def _too_large(found: Range) -> bool:
    return any(value is not None and abs(value) > 2**64 for value in found)


@given(PROFILES)
def test_an_exported_arrangement_comes_back_as_it_was(profile: Profile) -> None:
    assert profile_file.read(profile_file.write(profile, "fox"), "fox.form.json") == profile
    assert from_json(json.loads(json.dumps(profile.to_json()))) == profile


@given(PROFILES)
def test_any_profile_makes_a_form_that_shows_every_input_once(profile: Profile) -> None:
    form = form_of(profile)
    assert everywhere(form) == everywhere(PLAIN)
    for field in form.fields:
        usual = PLAIN.by_key[field.key]
        assert field.value == usual.value
        if field.min is not None and usual.min is not None:
            assert usual.min <= field.min


@given(PROFILES, st.lists(st.tuples(KEYS, st.integers(0, 5), KEYS), max_size=6))
def test_moving_fields_about_loses_none(profile: Profile, moves: list[tuple[str, int, str]]) -> None:
    spots = (FIRST, ADVANCED, HIDDEN, Spot(Section.GROUP, 0), Spot(Section.GROUP, 1), Spot(Section.GROUP, 7))
    for key, where, before in moves:
        form = form_of(profile)
        profile = place(profile, form, [key], spots[where], before)
        form = form_of(profile)
        assert everywhere(form) == everywhere(PLAIN)
        field = form.get(key)
        if field is not None and field.kind != "link" and where < 5:
            assert spot_of(form, key) == spots[where]
            assert key in shown_in(form, spots[where])


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["essentials", "labels", "outputs", "hidden", "groups", "ranges", "help"]), JSON)
)
def test_anything_in_a_sidecar_makes_some_profile(content: Any) -> None:
    profile = from_json(content)
    assert from_json(profile.to_json()) == profile
    form_of(profile)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "JSON|value|empty"),
        (b"[]", "something else"),
        (b'{"format": "other", "version": 1}', "something else"),
        (b'{"format": "comfydesk.form", "version": 2}', "later version"),
        (b'{"format": "comfydesk.form", "version": true}', "later version"),
        (b"[" * 2000, "."),
        (b" " * (2 << 20), "1 MB"),
    ],
)
def test_other_files_are_no_arrangement(data: bytes, why: str) -> None:
    with pytest.raises(Problem, match=why) as caught:
        profile_file.read(data, "x.form.json")
    assert caught.value.code == "profile_not"


def test_a_profile_names_only_so_many_fields() -> None:
    many = [f"{number}.x" for number in range(2 * MAX_SHOWN)]
    profile = from_json({"essentials": many, "labels": dict.fromkeys(many, "a"), "hidden": many})
    assert profile.essentials is not None
    assert len(profile.essentials) == len(profile.labels) == len(profile.hidden) == MAX_SHOWN


def test_the_last_essential_goes_although_others_are_not_here_now() -> None:
    profile = Profile(("9.gone", "3.cfg"))
    assert form_of(place(profile, form_of(profile), ["3.cfg"], ADVANCED)).essentials == ()
    profile = Profile(("9.gone",))
    assert "3.cfg" not in form_of(place(profile, form_of(profile), ["3.cfg"], ADVANCED)).essentials


def test_a_hidden_field_is_shown_again_where_it_is_usually() -> None:
    profile = place(NO_PROFILE, PLAIN, ["3.cfg"], HIDDEN)
    assert place(profile, form_of(profile), ["3.cfg"], USUAL) == NO_PROFILE
