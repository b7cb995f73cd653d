"""Settings of other programs put into a form: which field each one means, and what is left over. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form import samplers
from comfydesk.form.fields import Field, Form, Kind, Role
from comfydesk.form.match import nearest
from comfydesk.form.values import coerce
from comfydesk.workflow.media.parameters import Parameters

NEAR = 0.9  # likeness over which another name is the same model: one name within the other
MAX_TAGS = 50
_LORA = re.compile(r"\s*<(?:lora|lyco|hypernet):[^<>]{1,300}>")
_SIZE = re.compile(r"\s*(\d{1,5}) ?[x×] ?(\d{1,5})\s*")
_PLAIN = {
    "Seed": Role.SEED,
    "Steps": Role.STEPS,
    "CFG scale": Role.CFG,
    "Distilled CFG Scale": Role.GUIDANCE,
}
# What says how the picture came about, but would change nothing in the next one.
_INERT = re.compile(
    r"(Version|User|Created Date|.*\bhash(es)?|Hashes|TI|Size-[12]|Batch (size|pos)|Civitai .*|swarm_version|date|"
    r"generation_time|app_version|generation_mode|original_prompt|used_wildcards|nopreviews|imageformat|aspectratio|"
    r"(Negative )?Template|width|height|resolution|metadata_scheme|created_by|request_type|signed_hash|n_samples)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """`values` by field key, in the exact types of the fields; `left`: names of settings that no field takes."""

    values: dict[str, Any] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def values_of(parameters: Parameters, form: Form) -> Applied:
    """What `parameters` say, as values of the fields that mean the same. The form is not changed; ranges are not
    checked, names that the host lacks are left."""
    return _Mapping(parameters, form).done()


class _Mapping:
    """One set of parameters on its way into one form."""

    def __init__(self, parameters: Parameters, form: Form) -> None:
        self._form = form
        self._settings = dict(parameters.settings)
        self._parameters = parameters
        self._values: dict[str, Any] = {}
        self._left: list[str] = []

    def done(self) -> Applied:
        self._texts()
        self._size()
        self._sampler()
        self._files()
        for name, role in _PLAIN.items():
            self._use(name, lambda value, role=role: self._put(role, value))  # type: ignore[misc]
        self._use("Clip skip", self._clip_skip)
        self._use("Denoising strength", self._denoise)
        self._left += [name for name in self._settings if not _INERT.fullmatch(name)]
        return Applied(self._values, tuple(dict.fromkeys(self._left)))

    def _use(self, name: str, put: Callable[[str], bool]) -> None:
        """Hand a setting on; it is left where no field takes it."""
        if name in self._settings and put(self._settings[name]):
            del self._settings[name]

    def _texts(self) -> None:
        prompt, tags = self._parameters.prompt, []
        fields = list(self._fields(Role.PROMPT))
        if not any(isinstance(item.value, str) and "<lora:" in item.value for item in fields):
            tags = [tag.strip() for tag in _LORA.findall(prompt)][:MAX_TAGS]
            prompt = _LORA.sub("", prompt).strip()
        if prompt and not self._put_text(Role.PROMPT, prompt):
            self._left.append("Prompt")
        self._left += tags
        negative = self._parameters.negative
        if negative or self._parameters.settings:
            done = self._put_text(Role.NEGATIVE, _LORA.sub("", negative).strip() if tags else negative)
            if negative and not done:
                self._left.append("Negative prompt")

    def _put_text(self, role: Role, text: str) -> bool:
        """Into the first field of the role, those beside it in its node, and those that say the same."""
        fields = list(self._fields(role))
        for item in fields:
            if item.node_id == fields[0].node_id or item.value == fields[0].value:
                self._set(item, text)
        return bool(fields) and fields[0].key in self._values

    def _size(self) -> None:
        match = _SIZE.fullmatch(self._settings.get("Size", ""))
        if match is not None:
            width, height = self._put(Role.WIDTH, match[1]), self._put(Role.HEIGHT, match[2])
            if width and height:
                del self._settings["Size"]

    def _sampler(self) -> None:
        found = samplers.comfy_names(self._settings.get("Sampler", ""), self._settings.get("Schedule type", ""))
        if found.sampler and self._put(Role.SAMPLER, found.sampler):
            del self._settings["Sampler"]
        if found.scheduler and self._put(Role.SCHEDULER, found.scheduler):
            self._settings.pop("Schedule type", None)
        elif found.scheduler and "Schedule type" not in self._settings and found.is_named:
            self._left.append(f"Schedule type: {found.scheduler}")

    def _files(self) -> None:
        for name, role in (("Model", Role.MODEL), ("VAE", Role.VAE)):
            self._use(name, lambda value, role=role: self._put_file(role, value))  # type: ignore[misc]

    def _put_file(self, role: Role, name: str) -> bool:
        for item in self._fields(role):
            names = nearest(name, item.choices, 1, threshold=NEAR) if item.choices_known else []
            if names and self._set(item, names[0]):
                return True
        return False

    def _clip_skip(self, value: str) -> bool:
        if value.strip() in ("0", "1") and not self._named("stop_at_clip_layer"):
            return True  # every workflow does that by itself
        return (
            value.isdecimal()
            and value != "0"
            and any(self._set(item, -int(value)) for item in self._named("stop_at_clip_layer")[:1])
        )

    def _denoise(self, value: str) -> bool:
        """Only where a picture goes in; of a text's picture it is the strength of its second, larger pass."""
        from_picture = any(item.kind is Kind.IMAGE for item in self._form.fields)
        is_hires = any(name.startswith("Hires") for name in self._parameters.settings)
        return from_picture and not is_hires and self._put(Role.DENOISE, value)

    def _put(self, role: Role, value: Any) -> bool:
        """Into the first field of the role that takes it; seeds that move together do."""
        for item in self._fields(role):
            if self._set(item, value):
                if item.seed_group:
                    for other in self._form.fields:
                        if other.seed_group == item.seed_group:
                            self._set(other, value)
                return True
        return False

    def _set(self, item: Field, value: Any) -> bool:
        try:
            value = coerce(item, value)
        except Problem:
            return False
        if item.kind is Kind.COMBO and item.choices_known and value not in item.choices:
            return False
        if item.kind is Kind.SEED and not 0 <= value < 1 << 64:
            return False  # -1 stands for any seed
        self._values[item.key] = value
        return True

    def _fields(self, role: Role) -> Iterator[Field]:
        """Those of a role, what is shown first before the rest."""
        first = [item for key in self._form.essentials if (item := self._form.get(key)) is not None]
        rest = [item for item in self._form.fields if item.key not in self._form.essentials]
        return (item for item in (*first, *rest) if item.role is role and item.kind is not Kind.LINK)

    def _named(self, name: str) -> list[Field]:
        return [item for item in self._form.fields if item.input_name == name and item.kind is not Kind.LINK]
