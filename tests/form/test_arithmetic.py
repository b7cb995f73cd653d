"""Sums in number fields come out exactly, and nothing else is worked out."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form.arithmetic import work_out


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1024*1.5", 1536),
        ("1024 * 1,5", 1536),
        ("(3+4)/2", Fraction(7, 2)),
        ("−2−−3", 1),
        ("2×3÷4", Fraction(3, 2)),
        ("1e3/8", 125),
        ("-(2+1)*-2", 6),
        ("2+3*4", 14),
        ("20-5-5", 10),
        (".5+.5", 1),
    ],
)
def test_a_sum_is_worked_out(text: str, value: int | Fraction) -> None:
    assert work_out(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "1+", "1//2", "2**8", "1/0", "abs(1)", "1 2", "(1", "1)", "__import__('os')", "0x10", "1_0", "1;2"],
)
def test_what_is_no_sum_has_no_value(text: str) -> None:
    assert work_out(text) is None


@pytest.mark.parametrize("text", ["(" * 190, "-" * 200, "1" * 201, "9e300*" * 40 + "1", "1/3/" * 49 + "7"])
def test_hostile_sums_end_at_once(text: str) -> None:
    start = time.process_time()
    work_out(text)
    assert time.process_time() - start < 0.05


NUMBERS = st.integers(0, 9999).map(str) | st.decimals(0, 999, places=2).map(str)
SUMS = st.recursive(
    NUMBERS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(" ".join)
        | inner.map(lambda text: f"({text})")
    ),
    max_leaves=6,
)


@given(SUMS)
def test_a_sum_means_what_it_means_everywhere(text: str) -> None:
    value = work_out(text)
    try:
        expected = eval(text, {"__builtins__": {}})
    except ZeroDivisionError:
        assert value is None
        return
    assert value is not None
    assert float(value) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.text(max_size=60))
def test_any_text_is_a_value_or_none(text: str) -> None:
    assert work_out(text) is None or isinstance(work_out(text), Fraction)
