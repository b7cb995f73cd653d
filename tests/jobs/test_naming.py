"""Every text that becomes part of a path becomes one safe name, on every platform at once."""

from __future__ import annotations

import ntpath
import unicodedata
from datetime import date, datetime
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.jobs import naming
from comfydesk.jobs.naming import NameFacts, expand, extension, leaf, saved_extension, target

# Python 3.13 deprecates the one and brings the other, which is stricter.
is_reserved = getattr(ntpath, "isreserved", None) or (lambda name: PureWindowsPath(name).is_reserved())

WHEN = datetime(2026, 3, 1, 14, 2, 23)
DEVICES = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"] + [
    f"{p}{n}" for p in ("COM", "LPT") for n in "0123456789¹²³"
]

HOSTILE = [
    "../x", "../../etc/passwd", "/etc/x", "C:\\x", "C:x", "\\\\srv\\share\\x", "\\\\?\\C:\\x", "//srv/x", "a:b",
    "a:b:$DATA", "x.", "x ", "x. . .", " x", ".", "..", "...", "", " ", "\0", "a\0b.png", "a\nb", "a\r\nb", "\x7f",
    "\x85x", "a\u202egnp.exe", "\u202e", "\u200b", "\ufeff", "\u2066x\u2069", "-rf", "--help", ".bashrc",
    ".ssh/authorized_keys", "~", "~root/x", "e\u0301" * 200, "\u00e9" * 300, "x" * 300, "x" * 300 + ".png", "." * 300,
    "/" * 300, "a/" * 200, "\U0001f600" * 100, "\ud800", "a\udfffb", "\U000e0001", "\ufffe", "\U0010ffff", "\ue000",
    "?*<>|\"", "%2e%2e%2f", "$(rm -rf)", "`id`", "a;b", "x.{20D04FE0-3AEA-1069-A2D8-08002B30309D}", "desktop.ini",
    "Thumbs.db", "autorun.inf", "x.png.exe", "x.exe.png", "\u212bngstr\u00f6m", "\ufb01le", "\u1e9b\u0323",
    "\u0600\u0301", "\u2028", "\u2029", "\u3000x", "\u00a0",
]  # fmt: skip
HOSTILE += [
    form.format(d)
    for d in DEVICES
    for form in ("{}", "{}.png", "{}.tar.gz", "{} ", "{} .png", "{}.", " {}", ".{}", "-{}")
]
HOSTILE += [d.lower() for d in DEVICES] + [f"{d}:" for d in DEVICES] + [f"../{d}" for d in DEVICES]


def assert_safe(name: str, limit: int = naming.MAX_LEAF) -> None:
    assert name
    data = name.encode("utf-8")  # no lone surrogates
    assert len(data) <= limit
    # POSIX
    assert "/" not in name and "\0" not in name and name not in (".", "..")
    # NTFS and the Windows shell
    assert not set(name) & set('<>:"/\\|?*')
    assert all(ord(char) >= 32 for char in name)
    assert name[-1] not in ". "
    assert name.split(".")[0].rstrip(" ").upper() not in DEVICES
    assert not is_reserved(name)
    assert PureWindowsPath(name).parts == (name,)
    assert ".{" not in name
    # APFS keeps no unassigned characters and compares normalised
    assert unicodedata.normalize("NFC", name) == name
    assert not {unicodedata.category(char) for char in name} & {"Cc", "Cf", "Cs", "Cn"}
    # shells and file managers
    assert name[0] not in ".- "


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_name_becomes_one_safe_leaf(text: str) -> None:
    assert_safe(leaf(text))
    assert_safe(leaf(text, limit=40), 40)


@given(st.text(alphabet=st.characters(codec=None), max_size=400), st.integers(20, 200))
def test_any_text_becomes_one_safe_leaf(text: str, limit: int) -> None:
    name = leaf(text, limit=limit)
    assert_safe(name, limit)
    assert leaf(name, limit=limit) == name


@given(
    st.lists(
        st.sampled_from([*DEVICES, ".", " ", "-", "_", "/", "\\", ":", "é", "\u0301", "\u200d", "~", "x", ".png"]),
        max_size=40,
    )
)
def test_pieces_of_hostile_names_in_any_order_become_one_safe_leaf(pieces: list[str]) -> None:
    name = leaf("".join(pieces))
    assert_safe(name)
    assert leaf(name) == name


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("SDXL portrait", "flux.1 schnell", "日本語 ワークフロー", "Grüße 2", "a_b-c", "x (2).png"):
        assert leaf(name) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = leaf("x" * 300 + ".exe.untrusted")
    assert name.endswith("x.exe.untrusted")
    assert len(name) == naming.MAX_LEAF


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ComfyUI_00001_.PNG", ".png"),
        ("../../x.webp", ".webp"),
        ("a\\b\\c.Mp4", ".mp4"),
        ("x.png.exe", ".exe.untrusted"),
        ("x.svg", ".svg.untrusted"),
        ("x.html", ".html.untrusted"),
        ("x.lnk", ".lnk.untrusted"),
        ("x.desktop", ".desktop.untrusted"),
        ("x.py", ".py.untrusted"),
        ("x.png::$DATA", ".pngdata.untrusted"),
        ("x.p\u202eng", ".png"),
        ("x.png. . ", ".png"),
        ("x", ".untrusted"),
        (".png", ".untrusted"),
        ("png", ".untrusted"),
        ("", ".untrusted"),
        ("x." + "a" * 500, "." + "a" * 12 + ".untrusted"),
        ("model.glb", ".glb"),
        ("latent_00001_.latent", ".latent"),
        ("x.safetensors", ".safetensors"),
        ("notes.txt", ".txt"),
    ],
)
def test_only_media_and_plain_data_keep_their_extension(name: str, expected: str) -> None:
    assert saved_extension(name) == expected


@given(st.text(max_size=60))
def test_any_extension_is_short_lower_case_ascii(name: str) -> None:
    ext = saved_extension(name)
    assert ext == ext.lower()
    assert ext.isascii()
    assert len(ext) <= 23
    assert ext[1:] in naming.ALLOWED or ext.endswith(".untrusted")
    assert naming.is_untrusted("x" + ext) == ext.endswith(".untrusted")


def test_a_template_is_filled_from_the_facts_of_the_run() -> None:
    facts = NameFacts("SDXL", WHEN, 551, index=7, node="Save Image", prompt="a red fox, snow")
    assert expand("{time}_{seed}", facts) == "140223_551"
    assert expand("{workflow}_{index:04}_{seed}", facts) == "SDXL_0007_551"
    assert expand("{date}/{node}/{index}", facts) == "2026-03-01/Save Image/7"
    assert expand("{prompt}", facts) == "a red fox, snow"
    assert expand("{prompt:5}x", facts) == "a redx"
    assert expand("{{{seed}}}", facts) == "{551}"


def test_a_seed_of_64_bits_is_written_in_full() -> None:
    assert expand("{seed}", NameFacts("x", WHEN, 2**64 - 1)) == "18446744073709551615"


def test_an_empty_field_takes_its_separator_with_it() -> None:
    facts = NameFacts("SDXL", WHEN, None)
    assert expand("{time}_{seed}", facts) == "140223"
    assert expand("{seed}_{time}", facts) == "140223"
    assert expand("{workflow}_{seed}_{index:04}", facts) == "SDXL_0001"
    assert expand("{seed}", facts) == "file"


@pytest.mark.parametrize(
    "template",
    ["{unknown}", "{seed!r}", "{seed:x}", "{index:>9}", "{time", "{", "{0}", "{workflow.x}", "{prompt:9999}"],
)
def test_a_template_with_an_unknown_field_is_refused_in_a_sentence(template: str) -> None:
    with pytest.raises(Problem) as raised:
        naming.check_template(template)
    assert raised.value.code == "usage"
    assert template in raised.value.message


@pytest.mark.parametrize("template", ["../{seed}", "a/../../{seed}", "..\\{seed}", " .. /x", ".../x"])
def test_a_template_cannot_lead_out_of_its_folder(template: str) -> None:
    with pytest.raises(Problem):
        naming.check_template(template)


def test_a_template_may_make_sub_folders_but_a_value_may_not() -> None:
    facts = NameFacts("a/b\\..", WHEN, 1, prompt="../../etc/passwd")
    assert expand("x/{workflow}/{prompt}", facts).count("/") == 2
    assert expand("/abs//{seed}", facts) == "abs/1"
    assert expand("{prompt}/{seed}", facts).count("/") == 1


@given(
    st.text(st.sampled_from("abc./\\ _-:{}CON\u202e"), max_size=40),
    st.text(max_size=80),
    st.text(max_size=80),
)
def test_every_part_of_every_expanded_template_is_safe(template: str, workflow: str, prompt: str) -> None:
    facts = NameFacts(workflow, WHEN, 1, prompt=prompt)
    for form in (template, template + "{prompt}/{workflow}", "{workflow}" + template):
        try:
            path = expand(form, facts)
        except Problem:
            continue
        for part in path.split("/"):
            assert_safe(part, naming.MAX_STEM)


def test_results_lie_by_workflow_and_date() -> None:
    root = Path("/results")
    assert naming.folder(root, "SDXL", date(2026, 3, 1)) == root / "SDXL" / "2026-03-01"
    assert naming.folder(root, "../..", date(2026, 3, 1)) == root / "workflow" / "2026-03-01"


def test_a_target_says_where_a_file_goes() -> None:
    root = Path("/results")
    facts = NameFacts("SDXL", WHEN, 551, index=3)
    found = target(root, facts, "{time}_{seed}", "../../evil/ComfyUI_00001_.PNG")
    assert (found.folder, found.stem, found.ext) == (root / "SDXL" / "2026-03-01", "140223_551", ".png")
    flat = target(root, facts, "{index:04}/{seed}", "x.exe", flat=True)
    assert (flat.folder, flat.stem, flat.ext, flat.root) == (root / "0003", "551", ".exe.untrusted", root)


def test_the_longest_name_fits_with_number_and_extension() -> None:
    found = target(Path("/r"), NameFacts("w", WHEN, 1, prompt="é" * 500), "{prompt:118}", "x." + "a" * 99)
    assert len(f"{found.stem}_99999{found.ext}".encode()) <= naming.MAX_LEAF


def test_extension_is_empty_without_a_stem() -> None:
    assert extension(".gitignore") == ""
