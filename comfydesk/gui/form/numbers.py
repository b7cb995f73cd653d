"""Numbers of any size and step: Python's own, never a 32-bit spin box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from comfydesk.form.arithmetic import work_out
from comfydesk.form.fields import Field, Kind

# A slider is useful up to about this many steps; beyond it one pixel jumps over several values.
MAX_SLIDER_STEPS = 2000

Number = int | float


@dataclass(frozen=True, slots=True)
class Scale:
    """How a number field counts: limits of the value, of the slider, the step, and the digits shown."""

    whole: bool
    low: Number | None
    high: Number | None
    soft_low: Number | None
    soft_high: Number | None
    step: Number
    rounding: float | None

    @classmethod
    def of(cls, field: Field) -> Scale:
        whole = field.kind is Kind.INT
        step = field.step or (1 if whole else 0.01)
        if whole:
            step = max(1, round(step))
        return cls(whole, field.min, field.max, field.soft_min, field.soft_max, step, field.round or None)

    @property
    def slider_steps(self) -> int:
        """How many steps a slider would have; 0 where none makes sense."""
        if self.soft_low is None or self.soft_high is None or self.soft_high <= self.soft_low:
            return 0
        steps = round((self.soft_high - self.soft_low) / self.step)
        return steps if 1 < steps <= MAX_SLIDER_STEPS else 0

    @property
    def decimals(self) -> int:
        """Digits after the point that the step can show; at least one for a fraction."""
        if self.whole:
            return 0
        exponent = Decimal(repr(float(self.step))).normalize().as_tuple().exponent
        return max(1, -int(exponent) if isinstance(exponent, int) else 1)

    def parse(self, text: str) -> Number | None:
        """The number that `text` says, or None. A comma may stand for the point; sums are worked out, for a
        whole number to the nearest one."""
        number = self._plain(text)
        if number is not None:
            return number
        value = work_out(text)
        if value is None:
            return None
        if self.whole:
            return (
                int(value) if value.denominator == 1 else math.floor(value + Fraction(1, 2)) if _is_sum(text) else None
            )
        try:
            return float(value)
        except OverflowError:
            return None

    def _plain(self, text: str) -> Number | None:
        text = text.strip().replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace("_", "")
        if self.whole:
            try:
                return int(text)
            except ValueError:
                number = self._decimal(text)
                return int(number) if number is not None and number == number.to_integral_value() else None
        number = self._decimal(text.replace(",", "."))
        return None if number is None else float(number)

    def text(self, value: Number) -> str:
        """The value as it is shown: no exponent for usual numbers, never fewer digits than the value has."""
        if self.whole:
            return str(int(value))
        if not math.isfinite(value):
            return str(value)
        exact = Decimal(repr(float(value)))
        if exact != 0 and not Decimal("1e-7") <= abs(exact) < Decimal("1e12"):
            return repr(float(value))
        digits = exact.normalize().as_tuple().exponent
        shown = max(min(self.decimals, 2), -digits if isinstance(digits, int) else 0)
        return f"{exact:.{shown}f}"

    def rounded(self, value: Number) -> Number:
        """The value as the input's own `round` has it (fractions only)."""
        if self.whole or not self.rounding:
            return value
        unit = Decimal(repr(self.rounding))
        return float((Decimal(repr(float(value))) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit)

    def outside(self, value: Number) -> bool:
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)

    def stepped(self, value: Number, steps: int) -> Number:
        """`value` moved by `steps` onto the grid of steps that starts at the lower limit, within the limits."""
        origin = self.low if self.low is not None and abs(self.low) < 1e9 else 0
        if self.whole:
            index, rest = divmod(int(value) - int(origin), int(self.step))
            if rest and steps < 0:
                steps += 1
            moved: Number = int(origin) + (index + steps) * int(self.step)
        else:
            step, start = Decimal(repr(float(self.step))), Decimal(repr(float(origin)))
            exact = (Decimal(repr(float(value))) - start) / step
            place = exact.to_integral_value("ROUND_FLOOR" if steps > 0 else "ROUND_CEILING")
            moved = float(start + (place + steps) * step)
        return self.within(moved)

    def within(self, value: Number) -> Number:
        if self.low is not None and value < self.low:
            return self.low
        if self.high is not None and value > self.high:
            return self.high
        return value

    def at_slider(self, place: int) -> Number:
        """The value at a place of the slider (0 is `soft_low`)."""
        low = self.soft_low or 0
        if self.whole:
            return self.within(int(low) + place * int(self.step))
        return self.within(float(Decimal(repr(float(low))) + place * Decimal(repr(float(self.step)))))

    def slider_place(self, value: Number) -> int:
        """The place of the slider nearest to `value`; its ends for values beyond the soft range."""
        place = (value - (self.soft_low or 0)) / self.step
        return int(min(max(place, 0), self.slider_steps) + 0.5)

    @staticmethod
    def _decimal(text: str) -> Decimal | None:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return None
        # float() of a huge exponent is infinite: JSON has no such number, and no server takes it.
        return number if number.is_finite() and math.isfinite(float(number)) else None


def _is_sum(text: str) -> bool:
    """Beyond a number with its sign: "7.5" is no whole number, "15/2" is meant to become one."""
    return any(sign in text.strip()[1:] for sign in "+-−–*/×·÷")
