"""What helps while a prompt is written: weights, colours, completion, tags."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form.prompt_text.completing import NameKind, queries_at, written
from comfydesk.form.prompt_text.spans import spans
from comfydesk.form.prompt_text.tags import Tag, TagIndex, read_tags
from comfydesk.form.prompt_text.weights import reweigh

# weights: [ ] is the selection, ^ the cursor


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a r^ed fox", "a [(red:1.05)] fox"),
        ("a [red fox] runs", "a [(red fox:1.05)] runs"),
        ("a [red fox ]runs", "a [(red fox:1.05)] runs"),
        ("a ([red]:1.05) fox", "a [(red:1.1)] fox"),
        ("a [(red:1.1)] fox", "a [(red:1.15)] fox"),
        ("a (red f^ox:1.1)", "a [(red fox:1.15)]"),
        ("a (red fox:0.9^5) x", "a [red fox] x"),
        ("a (r^ed) x", "a [(red:1.05)] x"),
        ("[(a) and (b)]", "[((a) and (b):1.05)]"),
        (r"hat \(r^ed\)", r"hat \([(red:1.05)]\)"),
        ("embedding:b^ad-hands, x", "[(embedding:bad-hands:1.05)], x"),
        ("a __animals/c^ats__ b", "a [(__animals/cats__:1.05)] b"),
        ("long_h^air", "[(long_hair:1.05)]"),
        ("a , ^ b", "a , ^ b"),
        ("^", "^"),
    ],
)
def test_ctrl_up_gives_more_weight(before: str, after: str) -> None:
    assert marked(*reweigh(*unmarked(before))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a r^ed fox", "a [(red:0.95)] fox"),
        ("[(red:1.05)]", "[red]"),
        ("[(red:0)]", "[(red:-0.05)]"),
        ("[(red:-10)]", "[(red:-10)]"),
    ],
)
def test_ctrl_down_gives_less_weight(before: str, after: str) -> None:
    assert marked(*reweigh(*unmarked(before), -0.05)) == after


@given(st.text(alphabet="ab (),:1.\\_<>{}", max_size=30), st.data())
def test_weighing_any_text_up_and_down_again_changes_no_word(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    new, first, last = reweigh(text, start, end)
    assert 0 <= first <= last <= len(new)
    assert [letter for letter in text if letter in "ab_"] == [letter for letter in new if letter in "ab_"]


def unmarked(text: str) -> tuple[str, int, int]:
    if "^" in text:
        at = text.index("^")
        return text.replace("^", ""), at, at
    start, end = text.index("["), text.index("]") - 1
    return text.replace("[", "").replace("]", ""), start, end


def marked(text: str, start: int, end: int) -> str:
    if start == end:
        return f"{text[:start]}^{text[start:]}"
    return f"{text[:start]}[{text[start:end]}]{text[end:]}"


# colours


def kinds(text: str, page: bool = True) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.kind.value) for span in spans(text, page)]


def test_every_part_of_a_prompt_has_its_kind() -> None:
    text = "(a:1.2) {2$$3::x|__b/c__} embedding:foo-v2 <lora:d:0.8> \\(e\\) // f"
    assert kinds(text) == [
        ("(", "weight"),
        (":1.2", "weight"),
        (")", "weight"),
        ("{2$$3::", "choice"),
        ("|", "choice"),
        ("__b/c__", "wildcard"),
        ("}", "choice"),
        ("embedding:foo-v2", "embedding"),
        ("<lora:d:0.8>", "lora"),
        ("// f", "comment"),
    ]


def test_a_bracket_without_its_other_half_is_told() -> None:
    assert kinds("a) (b {c") == [(")", "unbalanced"), ("(", "unbalanced"), ("{", "unbalanced")]
    assert kinds("{(a|b)} a|b", page=False) == [
        ("{", "choice"),
        ("(", "weight"),
        ("|", "choice"),
        (")", "weight"),
        ("}", "choice"),
    ]


def test_where_comments_are_text_they_have_no_colour() -> None:
    assert kinds("https://a.b", page=False) == []


@given(st.text(alphabet="ab(){}|:1.\\/*_<>\n é\U0001f98a", max_size=60), st.booleans())
def test_parts_lie_behind_each_other(text: str, page: bool) -> None:
    at = 0
    for span in spans(text, page):
        assert at <= span.start < span.end <= len(text)
        at = span.end


@pytest.mark.parametrize("part", ["(", "{", "/*", "__a", "<lora:", "embedding:", ":1", "\\", "{2$$", "|3::"])
def test_any_text_is_coloured_in_little_time(part: str) -> None:
    start = time.process_time()
    spans(part * (100_000 // len(part)))
    assert time.process_time() - start < 2


# completion


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("a fox, embedding:ea", NameKind.EMBEDDING, ["ea"]),
        ("<lora:de", NameKind.LORA, ["de"]),
        ("a __anim", NameKind.WILDCARD, ["anim"]),
        ("a __cats__ __", NameKind.WILDCARD, [""]),
        ("{a|long ha", NameKind.TAG, ["long ha", "ha"]),
        ("one two three four", NameKind.TAG, ["two three four", "three four", "four"]),
    ],
)
def test_it_is_known_what_is_being_written(text: str, kind: NameKind, words: list[str]) -> None:
    found = queries_at(text, len(text))
    assert [query.word for query in found] == words
    assert {query.kind for query in found} == {kind}
    assert [text[query.start : query.end] for query in found] == words


@pytest.mark.parametrize("text", ["", "a", "fox, ", "fox ", "__cats__", "(a:1."])
def test_nothing_is_offered_where_nothing_begins(text: str) -> None:
    assert queries_at(text, len(text)) == []


def test_inside_a_word_nothing_is_offered() -> None:
    assert queries_at("foxes", 3) == []


def test_a_name_is_written_as_a_prompt_has_it() -> None:
    assert written(NameKind.TAG, "hat_(red)", "") == r"hat \(red\), "
    assert written(NameKind.TAG, "long_hair", ", x") == "long hair"
    assert written(NameKind.TAG, "^_^", "") == "^_^, "
    assert written(NameKind.WILDCARD, "a/b", "") == "a/b__"
    assert written(NameKind.WILDCARD, "a/b", "__") == "a/b"
    assert written(NameKind.LORA, "detail", " x") == "detail:1>"
    assert written(NameKind.LORA, "detail", ":0.5>") == "detail"


# tags


def test_tag_lists_of_all_usual_shapes_are_read() -> None:
    text = 'name,kind,uses,alias\n1girl,0,6000000,"girl,one_girl"\nhat,12\n\n# no\nplain\nbroken"quote,1,x\n\0,3'
    assert list(read_tags(text)) == [
        Tag("1girl", 6_000_000),
        Tag("1girl", 6_000_000, "girl"),
        Tag("1girl", 6_000_000, "one_girl"),
        Tag("hat", 12),
        Tag("plain"),
        Tag('broken"quote', 1),
    ]


def test_tags_are_found_by_their_beginning_a_part_their_alias_or_letters_in_order() -> None:
    index = TagIndex(
        [
            Tag("long_hair", 5),
            Tag("very_long_hair", 3),
            Tag("longhouse"),
            Tag("longsword", 9),
            Tag("solo", 90, "only_one"),
        ]
    )
    assert [tag.name for tag in index.search("long")] == ["longsword", "long_hair", "longhouse", "very_long_hair"]
    assert next(tag.name for tag in index.search("longhouse")) == "longhouse"
    assert [tag.name for tag in index.search("long ha")] == ["long_hair", "very_long_hair"]
    assert [tag.name for tag in index.search("only")] == ["solo"]
    assert "long_hair" in [tag.name for tag in index.search("lghr")]
    assert index.search("qqq") == []


@given(st.text(max_size=200))
def test_any_file_is_read_as_tags(text: str) -> None:
    index = TagIndex(read_tags(text))
    index.search("a")


def test_a_hundred_thousand_tags_are_there_in_a_second_and_found_at_every_key() -> None:
    text = "\n".join(f'tag_{n % 977}_{n},0,{100_000 - n},"other_{n}"' for n in range(100_000))
    start = time.process_time()
    index = TagIndex(read_tags(text))
    loaded = time.process_time() - start
    slowest = 0.0
    for word in ("ta", "tag_12", "g_9", "other_77", "tg99", "zzzz", "tag 5", "er_4", "_", "0"):
        start = time.process_time()
        index.search(word)
        slowest = max(slowest, time.process_time() - start)
    assert loaded < 3
    assert slowest < 0.1
