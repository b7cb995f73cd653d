"""Drawing, counting and reading of prompts."""

from __future__ import annotations

import itertools
import time
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.form.prompt_text import MOST, Entries, count, expand, read_entries
from comfydesk.form.prompt_text.drawing import Dice
from comfydesk.workflow.conversion.texts import draw

SEEDS = range(300)


class Folder:
    """Wildcard files in memory."""

    def __init__(self, **files: str) -> None:
        self._files = {name.replace("__", "/"): Entries(read_entries(text)) for name, text in files.items()}

    def entries(self, name: str) -> Entries | None:
        return self._files.get(name)


FILES = Folder(
    cats="# kinds\ntabby\n\n3::siamese\n",
    colours="red\ngreen\nblue",
    animals__all="a __cats__\na {red|grey} fox",
    loop="once\nagain __loop__",
    empty="# nothing\n",
)


def results(text: str, files: Folder = FILES, *, page: bool = True) -> set[str]:
    return {expand(text, seed, files, page=page) for seed in SEEDS}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain", {"plain"}),
        ("a {red|blue} fox", {"a red fox", "a blue fox"}),
        ("{a|{b|c} d}", {"a", "b d", "c d"}),
        ("{one} {}", {"one "}),
        ("{a|b", {"a", "b"}),
        ("a | b }", {"a | b }"}),
        (r"\{a\|b\} \(x\) \\", {r"{a|b} \(x\) \\"}),
        ("a // gone {x|y}\nb /* and {this} */c", {"a \nb c"}),
        ("{0::a|b}", {"b"}),
        ("{0::a|0::b}", {"a", "b"}),
        ("{2$$a|b|c}", {", ".join(two) for two in itertools.permutations("abc", 2)}),
        ("{2$$ and $$a|b}", {"a and b", "b and a"}),
        ("{1-2$$+$$a|b}", {"a", "b", "a+b", "b+a"}),
        ("{-2$$+$$a|b}", {"a", "b", "a+b", "b+a"}),
        ("{2-$$+$$a|b|0::c}", {"a+b", "b+a"}),
        ("{9$$+$$a|b}", {"a+b", "b+a"}),
        ("__cats__!", {"tabby!", "siamese!"}),
        ("__animals/all__", {"a tabby", "a siamese", "a red fox", "a grey fox"}),
        ("{2$$-$$__colours__}", {"-".join(two) for two in itertools.permutations(["red", "green", "blue"], 2)}),
        ("__nothing__ and __init__", {"__nothing__ and __init__"}),
        ("__empty__", {"__empty__"}),
        ("__loop__", {"once", "again __loop__"}),
    ],
)
def test_a_prompt_comes_out_in_these_ways_and_no_others(text: str, wanted: set[str]) -> None:
    assert results(text) == wanted
    assert count(text, FILES) == len(wanted)


def test_the_same_seed_draws_the_same_on_every_computer() -> None:
    text = "{red|green|blue|white} {3::fox|wolf} {2$$a|b|c|d} __colours__"
    assert [expand(text, seed, FILES) for seed in (0, 1, 551, 2**64 - 1)] == KNOWN


KNOWN = [
    "green fox a, c green",
    "blue fox b, d blue",
    "red fox d, c red",
    "red fox a, c red",
]


def test_words_at_the_end_do_not_change_what_was_drawn_before_them() -> None:
    for seed in range(20):
        assert expand("{a|b|c} x {d|e}", seed).startswith(expand("{a|b|c} x", seed))


def test_a_weight_says_how_often() -> None:
    drawn = Counter(expand("{3::a|b}", seed) for seed in range(2000))
    assert 1400 < drawn["a"] < 1600
    from_file = Counter(expand("__cats__", seed, FILES) for seed in range(2000))
    assert 1400 < from_file["siamese"] < 1600


def test_where_the_page_draws_nothing_addresses_and_json_stay() -> None:
    text = '{"scene": "https://example.org // x", "parts": [{"a": "b|c"}]}'
    assert expand(text, 1, page=False) == text
    assert results("{a} {b|c} // {d}", page=False) == {"{a} b // {d}", "{a} c // {d}"}
    assert expand(r"\{x\} \(y\)", 1, page=False) == r"\{x\} \(y\)"


def test_big_numbers_are_counted_by_arithmetic() -> None:
    assert count("{a|b|c}" * 40) == 3**40
    assert count("{" + "|".join("ab" * 500) + "}" * 1) == 1000
    assert count("{a|b}" * 5000) == MOST
    assert count("{3$$a|b|{c|d}|e}") == 6 * (1 * 1 * 1 + 3 * 2)


def test_a_text_that_opens_out_without_end_is_refused() -> None:
    doubling = {f"w{n}": f"__w{n + 1}__ __w{n + 1}__" for n in range(40)}
    with pytest.raises(Problem) as caught:
        expand("__w0__", 1, Folder(**doubling, w40="x"))
    assert caught.value.code == "prompt_expands"
    assert count("__w0__", Folder(**doubling, w40="{a|b}")) == MOST


@pytest.mark.parametrize("part", ["{", "{a|", "/*", "__a", "_", "\\", "{2$$", "{3::", "|", "}{"])
def test_any_text_is_read_in_little_time(part: str) -> None:
    text = part * (100_000 // len(part))
    start = time.process_time()
    expand(text, 3)
    count(text)
    assert time.process_time() - start < 2


PAGE_TEXTS = st.text(alphabet="ab {}|\\/*\n,", max_size=60)


@given(PAGE_TEXTS, st.integers(0, 2**64 - 1))
def test_choices_and_comments_mean_what_they_mean_on_comfyuis_page(text: str, seed: int) -> None:
    dice = Dice(seed)
    wanted = draw(text, lambda options: options[dice.below(len(options))])
    assume("undefined" not in wanted)  # what the page makes of a last backslash is no example to follow
    assert expand(text, seed) == wanted


@pytest.mark.parametrize("depth", [49, 50, 51, 52, 60])
def test_so_deep_as_the_page_is_followed(depth: int) -> None:
    text = r"{\{x|" * depth + "y" + r"\|z}" * depth
    dice = Dice(5)
    assert expand(text, 5) == draw(text, lambda options: options[dice.below(len(options))])


@given(st.text(alphabet="ab{}|\\/*_$:.-123 \n", max_size=80), st.integers(0, 2**64 - 1), st.booleans())
def test_any_text_is_drawn_and_counted(text: str, seed: int, page: bool) -> None:
    drawn = expand(text, seed, FILES, page=page)
    assert drawn == expand(text, seed, FILES, page=page)
    assert count(text, FILES, page=page) >= 1


@given(
    st.recursive(st.sampled_from(["a", "b", ""]), lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=6)
)
def test_the_count_is_what_an_enumeration_finds(tree: object) -> None:
    def written(node: object) -> str:
        return node if isinstance(node, str) else "{" + "|".join(map(written, node)) + "}"  # type: ignore[arg-type]

    def ways(node: object) -> int:
        return 1 if isinstance(node, str) else sum(map(ways, node))  # type: ignore[call-overload]

    assert count(written(tree)) == ways(tree)
