"""What a person may edit: a form of fields. Plain frozen types."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfydesk.workflow.graph import Graph


class Kind(StrEnum):
    INT = "int"
    FLOAT = "float"
    TEXT = "text"  # one line
    MULTILINE = "multiline"
    BOOLEAN = "boolean"
    COMBO = "combo"
    SEED = "seed"  # 0..2^64-1, with a mode
    IMAGE = "image"  # upload fields: the value is a server-side name, or a LocalFile
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"  # 3D and others
    JSON = "json"  # anything else; edited as JSON text
    GROW = "grow"  # which of a growing input's fields there are: a list of names; decides the form, is never sent
    LORAS = "loras"  # the loaders of a chain, in order, each on or off: [[node id, is on], …]; never sent as such
    LINK = "link"  # comes from another node; shown, not editable


class Role(StrEnum):
    """What a field is for, from the graph's structure; roles give labels, order and soft ranges."""

    NONE = ""
    MEDIA = "media"
    PROMPT = "prompt"
    NEGATIVE = "negative"
    SEED = "seed"
    WIDTH = "width"
    HEIGHT = "height"
    BATCH_SIZE = "batch_size"
    LENGTH = "length"
    STEPS = "steps"
    CFG = "cfg"
    GUIDANCE = "guidance"
    SAMPLER = "sampler"
    SCHEDULER = "scheduler"
    DENOISE = "denoise"
    MODEL = "model"
    LORA = "lora"
    VAE = "vae"
    PREFIX = "prefix"


class SeedMode(StrEnum):
    FIXED = "fixed"
    RANDOM = "random"
    INCREMENT = "increment"
    DECREMENT = "decrement"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this computer that a person picked for an upload field."""

    path: str


@dataclass(frozen=True, slots=True)
class Field:
    """One input of one node. Numbers are int or float in the input's own unit; seeds are int up to 2^64-1.

    `key` is `NODE.INPUT`; `label` is unique among fields of the same group or role; `choices` only for COMBO and upload
    kinds; `soft_min`/`soft_max` bound the slider, `min`/`max` bound the value; `link` is "title of the source node".
    """

    key: str
    node_id: str
    input_name: str
    label: str
    kind: Kind
    value: Any
    role: Role = Role.NONE
    group: str = ""  # node id whose group it is shown in
    essential: bool = False
    advanced: bool = False
    required: bool = True
    default: Any = None
    min: float | int | None = None
    max: float | int | None = None
    step: float | int | None = None
    round: float | None = None
    soft_min: float | int | None = None
    soft_max: float | int | None = None
    display: str = ""  # "slider", "number", "color", …; of kind JSON: "bounding_box", "curve", "colors", …
    choices: tuple[Any, ...] = ()
    choices_known: bool = True  # False: no host was asked, any value goes
    label_on: str = ""
    label_off: str = ""
    tooltip: str = ""
    placeholder: str = ""
    link: str = ""
    seed_mode: SeedMode | None = None
    seed_group: str = ""  # seeds with equal values in the file share a group and move together
    upload_kinds: tuple[str, ...] = ()  # file endings an upload field takes
    is_model: bool = False  # a combo whose choices are files on the host
    exists: bool = True  # False: the host's node has no such input (kept, shown as JSON, sent as it is)
    present: bool = True  # False: the file lacks it; sent when the host requires it, or when it was changed
    guessed: bool = False  # the kind is read from the file's value, because no host was asked
    multiple: bool = False  # a combo that takes a list of its choices (kind JSON)
    dynamic_prompts: bool = False  # a text in which ComfyUI's page draws between {a|b}
    structural: bool = False  # its value decides which other fields there are
    remote: str = ""  # the host's route that lists the choices
    picture: str = ""  # key of the field with the picture that a bounding box is of


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of one node, in the node's order; or those that a person put together, in theirs."""

    node_id: str  # or "own:" and a number
    title: str  # readable; of nodes unique
    class_type: str
    keys: tuple[str, ...]
    is_own: bool = False  # a person made it


@dataclass(frozen=True, slots=True)
class Issue:
    """Something to mend before Queue. `severity`: "error" stops Queue, "warning" does not.

    `code`/`facts` as in base.errors; `suggestions`: values that would mend it, nearest first.
    """

    key: str  # field key, or "" for the whole workflow
    code: str
    facts: dict[str, Any]
    severity: str = "error"
    suggestions: tuple[Any, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of one workflow: `essentials` in the order of importance, `groups` for the rest: those that a person
    made, then one a node ("Advanced"). `hidden`: keys of fields that a person did not want to see; they are sent."""

    fields: tuple[Field, ...]
    essentials: tuple[str, ...]
    groups: tuple[Group, ...]
    hidden: tuple[str, ...] = ()
    outputs: tuple[tuple[str, str, str], ...] = ()  # (node id, title, class) of output nodes
    output_noun: str = "picture"  # picture | video | sound | model | file: what a run makes
    files_per_run: int = 1
    warnings: tuple[str, ...] = ()
    specs_known: bool = True
    titles: dict[str, str] = field(default_factory=dict, repr=False)  # node id -> unique readable title
    plain_titles: dict[str, str] = field(default_factory=dict, repr=False)  # the same before it was made unique
    by_key: dict[str, Field] = field(default_factory=dict, repr=False, compare=False)
    branches: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)  # see form.branches
    structure: dict[str, Any] = field(default_factory=dict, repr=False)  # structural values that it was made for
    graph: Graph | None = field(default=None, repr=False, compare=False)  # its runs' graph, where it is not the file's

    def get(self, key: str) -> Field | None:
        return self.by_key.get(key)
