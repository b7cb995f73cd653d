"""What a form says now as text to be pasted elsewhere: a command, a Python script, curl, a prompt in API format.

None carries a secret: logins come from where the command line and the Python API find them.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form import keys, seeds
from comfydesk.form.fields import Field, Form, Kind, LocalFile, SeedMode
from comfydesk.form.shells import Part, Shell, can_carry, command, comment
from comfydesk.form.values import coerce, same

DEFAULT_URL = "http://127.0.0.1:8188"
HEREDOC = "JSON"


@dataclass(frozen=True, slots=True)
class Asked:
    """One press of Queue. `workflow`: a name in the library, or a path. `host`: a saved host's name or an address.

    `mode`: of the main seed. `home`: where it is not the usual one. `unused`: titles of the outputs that are left out,
    which no command can say. `is_paid`: runs cost money, which a command does only if it is told to.
    """

    workflow: str
    form: Form
    values: Mapping[str, Any]
    count: int = 1
    mode: SeedMode = SeedMode.RANDOM
    host: str = ""
    home: str = ""
    is_demo: bool = False
    unused: tuple[str, ...] = ()
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of this computer that the prompt names as `comfydesk/<name>`."""

    path: str
    name: str
    subfolder: str


def command_line(asked: Asked, shell: Shell) -> str:
    """`comfydesk run …` for a shell. Raises Problem copy_keys for values that no key can carry."""
    parts = [Part(("comfydesk",))]
    if asked.home:
        parts.append(Part(("--home", asked.home)))
    parts.append(Part(("run", asked.workflow if not asked.workflow.startswith("-") else f"./{asked.workflow}")))
    if asked.is_demo:
        parts.append(Part(("--demo",)))
    elif asked.host:
        parts.append(Part(("--host", asked.host)))
    seed = _seed(asked)
    parts += [Part(("--set", _assignment(asked.form, item, value, shell))) for item, value in changed(asked)]
    if seed is not None:
        parts.append(Part(("--seed", str(seed))))
    if asked.count > 1:
        parts.append(Part(("--count", str(asked.count))))
    notes = [comment(shell, note) for note in _notes(asked, "--allow-paid")]
    return "\n".join([*notes, command(shell, parts)]) + "\n"


def python(asked: Asked) -> str:
    """A script that makes the same with `comfydesk.generate`."""
    sets = [(_key(asked.form, item), value) for item, value in changed(asked)]
    has_files = any(isinstance(value, LocalFile) for _, value in sets)
    lines = [f"# {note}" for note in _notes(asked, "allow_paid=True")]
    lines += ["from pathlib import Path", ""] if has_files else []
    lines += ["import comfydesk", "", "files = comfydesk.generate(", f"    {literal(asked.workflow)},"]
    if asked.is_demo:
        lines.append("    demo=True,")
    elif asked.host:
        lines.append(f"    host={literal(asked.host)},")
    if sets:
        lines.append("    set={")
        lines += [f"        {literal(key)}: {literal(value)}," for key, value in sets]
        lines.append("    },")
    seed = _seed(asked)
    lines += [f"    seed={seed},"] if seed is not None else []
    lines += [f"    count={asked.count},"] if asked.count > 1 else []
    lines += [f"    home={literal(asked.home)},"] if asked.home else []
    return "\n".join([*lines, ")", 'print(*files, sep="\\n")', ""])


def curl(
    url: str,
    prompt: Mapping[str, Any],
    uploads: tuple[Upload, ...] = (),
    targets: tuple[str, ...] = (),
    login: str = "",
) -> str:
    """Requests for a POSIX shell: the files first, then the prompt. `login`: how curl has to be told of one, "" where
    the host asks for none."""
    base = (url or DEFAULT_URL).rstrip("/")
    call = "curl -gsS" if "[" in base else "curl -sS"
    lines = [f"# {login}"] if login else []
    for upload in uploads:
        file = f'image=@"{_in_quotes(upload.path)}";filename="{_in_quotes(upload.name)}"'
        form = f"-F type=input -F {shlex.quote(f'subfolder={upload.subfolder}')} -F overwrite=true"
        lines.append(f"{call} {shlex.quote(base + '/upload/image')} {form} -F {shlex.quote(file)}")
        lines.append("echo")
    body: dict[str, Any] = {"prompt": prompt}
    if targets:
        body["partial_execution_targets"] = list(targets)
    lines.append(
        f"{call} {shlex.quote(base + '/prompt')} -H 'Content-Type: application/json' --data-binary @- <<'{HEREDOC}'"
    )
    return "\n".join([*lines, _json(body), HEREDOC, ""])


def api_json(prompt: Mapping[str, Any]) -> str:
    """The prompt in API format, as a workflow file holds it."""
    return _json(prompt) + "\n"


def changed(asked: Asked) -> Iterator[tuple[Field, Any]]:
    """The fields whose value is not the file's, with the seed left out that `--seed` says; choices that bring fields
    come before them."""
    said = set(seeds.primary(asked.form)) if _seed(asked) is not None else set()
    for item in sorted(asked.form.fields, key=lambda item: not item.structural):
        value = asked.values.get(item.key, item.value)
        if item.kind is not Kind.LINK and item.key not in said and not same(value, item.value):
            yield item, value


def literal(value: Any) -> str:
    """A value in Python's words; a file as a Path."""
    if isinstance(value, LocalFile):
        return f"Path({literal(value.path)})"
    if isinstance(value, str) and value.replace("\n", "").replace("\t", "").isprintable():
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    return repr(value)


def _seed(asked: Asked) -> int | None:
    """The first seed, from which a command counts up; None where there is none, or where linked ones differ."""
    found = {asked.values.get(key, asked.form.by_key[key].value) for key in seeds.primary(asked.form)}
    first = next(iter(found), None)
    if len(found) != 1 or not isinstance(first, int) or isinstance(first, bool):
        return None
    # Counting down makes the same pictures as counting up from the last one.
    back = asked.count - 1 if asked.mode is SeedMode.DECREMENT else 0
    return (first - back) % seeds.SEEDS


def _key(form: Form, item: Field) -> str:
    """The role's word where it means this field alone, which reads better than a node's number. Not where choices
    bring fields: which words mean what changes on the way."""
    for name in (item.role.value if not form.structure else "", item.key):
        try:
            if name and keys.resolve(form, name).key == item.key:
                return name
        except Problem:
            continue  # it means several
    raise Problem("copy_keys", label=item.label, field=item.key)


def _assignment(form: Form, item: Field, value: Any, shell: Shell) -> str:
    """`KEY=VALUE` that a command reads as exactly this value: checked, for titles and texts may hold anything."""
    wanted = value if isinstance(value, LocalFile) else coerce(item, value)
    for name in dict.fromkeys((_key(form, item), item.key)):
        for text in _spellings(name, wanted):
            if can_carry(shell, text) and _reads(form, text, item.key, wanted):
                return text
    raise Problem("copy_keys", label=item.label, field=item.key)


def _spellings(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, LocalFile):
        yield f"{name}=@{Path(value.path)}"
        return
    if isinstance(value, str):
        yield f"{name}={'@' if value.startswith('@') else ''}{value}"
    elif isinstance(value, bool):
        yield f"{name}={'true' if value else 'false'}"
    elif isinstance(value, int | float):
        yield f"{name}={value!r}"
    yield f"{name}:={json.dumps(value, ensure_ascii=False)}"
    yield f"{name}:={json.dumps(value)}"


def _reads(form: Form, text: str, key: str, value: Any) -> bool:
    try:
        found, read = keys.parse_assignment(form, text)
    except Problem:
        return False
    return found == key and same(read, value) and isinstance(read, LocalFile) == isinstance(value, LocalFile)


def _notes(asked: Asked, allow: str) -> Iterator[str]:
    if asked.is_paid:
        yield f"Its runs cost money: add {allow} if they may"
    if asked.unused:
        titles = ", ".join(" ".join(title.split()) for title in asked.unused)
        yield f"Runs all outputs; the form leaves these out: {titles}"


def _in_quotes(text: str) -> str:
    """Inside the double quotes of curl's -F."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text if all(letter.isprintable() or letter == "\n" for letter in text) else json.dumps(value, indent=2)
