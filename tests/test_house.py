"""The rules of the house that no linter knows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 400
TABLES: dict[str, str] = {}  # files that may be longer, each with its reason
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
SOURCE_FOLDERS = ("comfydesk", "tests", "benchmarks", "examples")


def python_files() -> Iterator[Path]:
    for folder in SOURCE_FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield from sorted(ROOT.glob("*.py"))


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {named(file): len(file.read_text(encoding="utf-8").splitlines()) for file in python_files()}
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE and name not in TABLES}
    assert not too_long


def test_every_file_is_named_after_what_it_holds() -> None:
    nameless = [named(file) for file in python_files() if NAMELESS & {*file.stem.split("_"), *file.parent.parts}]
    assert not nameless


def test_every_test_folder_is_a_package() -> None:
    bare = {named(file.parent) for file in (ROOT / "tests").rglob("*.py") if not (file.parent / "__init__.py").exists()}
    assert not bare


def test_nothing_is_left_open_in_the_code() -> None:
    mark = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + r"X)\b")
    found = [
        f"{named(file)}:{number}"
        for file in python_files()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if mark.search(line)
    ]
    assert not found


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    mark = re.compile(r"(?<![\w.])/(work|workspace)/")
    texts = [*python_files(), *ROOT.glob("*.*"), *ROOT.glob("docs/**/*.md"), ROOT / ".ci/run"]
    found = [named(file) for file in texts if file.is_file() and mark.search(file.read_text("utf-8", "replace"))]
    assert not found


def test_only_the_runtime_starts_threads() -> None:
    mark = re.compile(r"threading\.Thread\(|ThreadPoolExecutor\(|QThread\(|asyncio\.to_thread\(|run_in_executor\(")
    allowed = {"comfydesk/base/runtime.py"}
    rooms = [file for file in (ROOT / "comfydesk").rglob("*.py") if "demo" not in file.relative_to(ROOT).parts]
    found = [named(file) for file in rooms if mark.search(file.read_text(encoding="utf-8"))]
    assert not set(found) - allowed


def same_name(text: str) -> str:
    return text.lower().replace("_", "-")


def needed(requirement: Requirement, found: set[str]) -> None:
    """Add what the requirement brings with it here, itself included."""
    extras = ("", *requirement.extras)
    if (requirement.marker and not requirement.marker.evaluate()) or same_name(requirement.name) in found:
        return
    found.add(same_name(requirement.name))
    for text in distribution(requirement.name).requires or []:
        wanted = Requirement(text)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras):
            wanted.marker = None
            needed(wanted, found)


def test_everything_that_the_project_installs_is_pinned_in_the_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    found: set[str] = set()
    for text in [*project["dependencies"], *extras["desktop"], *extras["dev"]]:
        needed(Requirement(text), found)
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {same_name(line.split("==")[0]) for line in lines if not line.startswith("#")}
    assert not found - pinned


@pytest.mark.parametrize("name", ["README.md", "LICENSE"])
def test_the_first_pages_are_there(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()
