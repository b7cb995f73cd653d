"""What a person has set in a form, beside what the file says: values, seed modes and the number of runs. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfydesk.form.check import check_field
from comfydesk.form.fields import Field, Form, Kind, LocalFile, SeedMode
from comfydesk.form.history import ABSENT, Part
from comfydesk.form.prompt_text.fields import may_differ

MAX_SEED = 2**64 - 1
MAX_RUNS = 9999

FIXED_SEED = "fixed"
NO_SEED = "none"


class FormState:
    """The values of one open workflow. Only what differs from the file is kept in the draft."""

    def __init__(self, form: Form, draft: Mapping[str, Any] | None = None) -> None:
        self.form = form
        self.values: dict[str, Any] = {f.key: f.value for f in form.fields if f.kind is not Kind.LINK}
        self.modes: dict[str, SeedMode] = {
            f.key: f.seed_mode or SeedMode.RANDOM for f in form.fields if f.kind is Kind.SEED
        }
        self._parked: dict[str, Any] = {}  # typed values of fields that the form has not at the moment
        self.used: set[str] = set()  # seeds whose value is that of the last queued run
        self.count = 1
        self.skipped: set[str] = set()  # output nodes that shall not run
        if draft:
            self._restore(draft)

    def reshape(self, form: Form) -> None:
        """Take another form of the same workflow: what was typed stays where it still fits, and is kept for fields
        that are gone until they come back."""
        before, self.form = self.form, form
        typed = {key: self.values[key] for key in self.values if _is_typed(before.get(key), self.values[key])}
        self._parked.update(typed)
        self.values = {}
        for field in form.fields:
            if field.kind is Kind.LINK:
                continue
            value = self._parked.get(field.key, field.value)
            self.values[field.key] = value if check_field(field, value) is None else field.value
            if field.key in typed and field.structural:
                self.values[field.key] = typed[field.key]
        self._parked = {key: value for key, value in self._parked.items() if key not in self.values}
        self.modes = {
            f.key: self.modes.get(f.key, f.seed_mode or SeedMode.RANDOM) for f in form.fields if f.kind is Kind.SEED
        }
        self.used &= self.modes.keys()

    def set(self, key: str, value: Any) -> list[str]:
        """Take a value. Returns the keys that changed: seeds that are equal in the file move together."""
        keys = self.shared(key)
        for each in keys:
            self.values[each] = value
            self.used.discard(each)
        return keys

    def set_mode(self, key: str, mode: SeedMode) -> list[str]:
        keys = self.shared(key)
        for each in keys:
            self.modes[each] = mode
        return keys

    def shared(self, key: str) -> list[str]:
        """This key and the seeds that are linked to it."""
        field = self.form.get(key)
        if field is None or not field.seed_group:
            return [key]
        return [f.key for f in self.form.fields if f.seed_group == field.seed_group]

    def is_changed(self, key: str) -> bool:
        """Whether a person set this field; a seed that a run drew does not count."""
        field = self.form.get(key)
        if field is None or key not in self.values or key in self.used:
            return False
        return not same(self.values[key], field.value)

    def changed(self) -> list[str]:
        return [f.key for f in self.form.fields if self.is_changed(f.key)]

    def reset(self, key: str) -> list[str]:
        field = self.form.get(key)
        return self.set(key, field.value) if field is not None else []

    def ran(self, seeds: Mapping[str, int]) -> list[str]:
        """Show the seeds of the last queued run. Returns the keys that changed."""
        shown = [key for key in seeds if key in self.modes]
        for key in shown:
            self.values[key] = seeds[key]
            self.used.add(key)
        return shown

    def to_queue(self) -> dict[str, Any]:
        """The values for the next press: a counting seed goes on after the one that was used last."""
        values = dict(self.values)
        for key in self.used:
            step = {SeedMode.INCREMENT: 1, SeedMode.DECREMENT: -1}.get(self.modes[key], 0)
            if step and isinstance(values[key], int):
                values[key] = (values[key] + step) % (MAX_SEED + 1)
        return values

    @property
    def targets(self) -> tuple[str, ...]:
        """The output nodes that shall run, () where that is all of them."""
        return (
            tuple(node_id for node_id, *_ in self.form.outputs if node_id not in self.skipped) if self.skipped else ()
        )

    @property
    def makes_nothing(self) -> bool:
        """No output is ticked."""
        return bool(self.skipped) and not self.targets

    def parts(self) -> dict[Part, Any]:
        """All that a person can set, flat, as `form.history` takes it."""
        flat: dict[Part, Any] = {("value", key): value for key, value in self.values.items()}
        flat |= {("mode", key): mode for key, mode in self.modes.items()}
        flat |= {("used", key): True for key in self.used}
        flat |= {("skipped", node_id): True for node_id in self.skipped}
        flat["count", ""] = self.count
        return flat

    def put(self, parts: Mapping[Part, Any]) -> list[str]:
        """Set some parts again. Returns the keys of fields that may look different; what is gone is left out."""
        keys: dict[str, None] = {}
        for part, value in parts.items():
            kind, name = part if isinstance(part, tuple) else ("", "")
            if kind == "count":
                self.count = value
            elif kind in ("used", "skipped"):
                names = self.used if kind == "used" else self.skipped
                (names.discard if value is ABSENT else names.add)(name)
            elif value is not ABSENT and kind == "value":
                (self.values if name in self.values else self._parked)[name] = value
            elif value is not ABSENT and kind == "mode" and name in self.modes:
                self.modes[name] = value
            if name in self.values:
                keys[name] = None
        return list(keys)

    @property
    def single(self) -> str:
        """Why more than one run would give the same again: "fixed", "none" (no seed), or ""."""
        if not self.modes:
            return "" if may_differ(self.form, self.values) else NO_SEED
        return FIXED_SEED if all(mode is SeedMode.FIXED for mode in self.modes.values()) else ""

    @property
    def runs(self) -> int:
        return 1 if self.single else self.count

    def draft(self) -> dict[str, Any]:
        """What to keep beside the workflow's file, as JSON."""
        keys = [*self.changed(), *sorted(self.used)]
        modes = {
            key: mode.value
            for key, mode in self.modes.items()
            if (field := self.form.get(key)) is not None and mode is not (field.seed_mode or SeedMode.RANDOM)
        }
        return {
            "values": {key: _to_json(self.values[key]) for key in keys},
            "modes": modes,
            "used": sorted(self.used),
            "count": self.count,
            "skipped": sorted(self.skipped),
        }

    def _restore(self, draft: Mapping[str, Any]) -> None:
        values, modes, used = draft.get("values"), draft.get("modes"), draft.get("used")
        for key, value in values.items() if isinstance(values, Mapping) else ():
            field = self.form.get(key)
            if field is not None and key in self.values:
                self.values[key] = _from_json(field, value)
        for key, mode in modes.items() if isinstance(modes, Mapping) else ():
            if key in self.modes and mode in SeedMode.__members__.values():
                self.modes[key] = SeedMode(mode)
        self.used = {key for key in used if key in self.modes} if isinstance(used, list) else set()
        skipped, outputs = draft.get("skipped"), {node_id for node_id, *_ in self.form.outputs}
        self.skipped = {each for each in skipped if each in outputs} if isinstance(skipped, list) else set()
        count = draft.get("count")
        if isinstance(count, int) and not isinstance(count, bool):
            self.count = min(max(count, 1), MAX_RUNS)


def _is_typed(field: Field | None, value: Any) -> bool:
    return field is not None and not same(value, field.value)


def same(a: Any, b: Any) -> bool:
    """Equal as a value of a prompt: 7 and 7.0 are one number, but true is not 1."""
    return isinstance(a, bool) is isinstance(b, bool) and bool(a == b)


def _to_json(value: Any) -> Any:
    return {"local_file": value.path} if isinstance(value, LocalFile) else value


def _from_json(field: Field, value: Any) -> Any:
    if field.upload_kinds or field.kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.FILE):
        path = value.get("local_file") if isinstance(value, Mapping) else None
        return LocalFile(path) if isinstance(path, str) else value
    return value
