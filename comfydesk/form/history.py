"""Undo and redo of what a person does in a form. Pure: states in, what to change out.

A state is flat: part → value, where a part is any hashable name ("value", key). A part that is not there has no value.
Steps hold only what differs, by part, so that they outlive a form that is made anew with other fields.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

MERGE_WITHIN = 1.0  # seconds between two changes of one field that are one step
MOST = 200  # steps that are kept


class Absent:
    """The part is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
Part = Hashable
State = Mapping[Part, Any]


@dataclass(slots=True)
class Step:
    """One thing that a person did. `before` and `after` have the same parts."""

    what: str
    before: dict[Part, Any]
    after: dict[Part, Any]
    at: float


class History:
    """The steps of one form. `what` of a step is for menus: the field's label, or what was done to many."""

    def __init__(self, state: State) -> None:
        self._state = dict(state)
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._is_closed = False

    @property
    def mark(self) -> object:
        """Equal as long as nothing is done or undone, and no letter typed in the last step."""
        last = self._done[-1] if self._done else None
        return id(last), last and last.at, len(self._undone)

    @property
    def undo_what(self) -> str | None:
        """What `undo` would take back, None where there is nothing."""
        return self._done[-1].what if self._done else None

    @property
    def redo_what(self) -> str | None:
        return self._undone[-1].what if self._undone else None

    def note(self, state: State, name: str | Callable[[Collection[Part]], str], at: float) -> bool:
        """A person changed the form to `state`. Changes of the same parts within a second become one step.

        `name` of the step, or what names it by the parts that differ. Returns whether anything differs.
        """
        before, after = self._differences(state)
        if not after:
            return False
        what = name if isinstance(name, str) else name(after)
        self._state = dict(state)
        self._undone.clear()
        last = self._done[-1] if self._done else None
        merges = last is not None and last.after.keys() == after.keys() and at - last.at <= MERGE_WITHIN
        if last is not None and merges and last.what == what and not self._is_closed:
            last.after, last.at = after, at
            if all(_same(last.before[part], after[part]) for part in after):
                self._done.pop()
        else:
            self._done.append(Step(what, before, after, at))
            del self._done[:-MOST]
        self._is_closed = False
        return True

    def close(self) -> None:
        """The next change is a step of its own, however soon it comes."""
        self._is_closed = True

    def absorb(self, state: State) -> None:
        """The form changed by itself (a seed that ran, fields that are not there any more): no step."""
        self._state = dict(state)

    def rewind(self, state: State) -> None:
        """An editor took back what was typed in it: so do the steps, instead of one that undoes them once more."""
        _, after = self._differences(state)
        self._state = dict(state)
        for part, value in after.items():
            self._take_out(part, value)
        if after:
            self._undone.clear()
            self._is_closed = True
        self._done = [step for step in self._done if step.after]

    def undo(self) -> dict[Part, Any]:
        """The parts to put back (ABSENT: take away), {} where there is nothing. Tell the new state by `absorb`."""
        return self._move(self._done, self._undone, forward=False)

    def redo(self) -> dict[Part, Any]:
        return self._move(self._undone, self._done, forward=True)

    def _move(self, source: list[Step], target: list[Step], *, forward: bool) -> dict[Part, Any]:
        if not source:
            return {}
        step = source.pop()
        target.append(step)
        self._is_closed = True
        return dict(step.after if forward else step.before)

    def _differences(self, state: State) -> tuple[dict[Part, Any], dict[Part, Any]]:
        old = self._state
        changed: Iterable[Part] = [
            part for part in {**old, **state} if not _same(old.get(part, ABSENT), state.get(part, ABSENT))
        ]
        return {part: old.get(part, ABSENT) for part in changed}, {part: state.get(part, ABSENT) for part in changed}

    def _take_out(self, part: Part, value: Any) -> None:
        """Let go of the steps of a part back to the one that began with this value; if none did, the last ends so."""
        steps = [step for step in self._done if part in step.after]
        start = next((at for at in reversed(range(len(steps))) if _same(steps[at].before[part], value)), None)
        if start is not None:
            for step in steps[start:]:
                del step.before[part], step.after[part]
        elif steps:
            steps[-1].after[part] = value


def _same(a: Any, b: Any) -> bool:
    """7 and 7.0 differ here, and so do 1 and True: what was typed comes back as it was."""
    return a is b or (type(a) is type(b) and bool(a == b))
