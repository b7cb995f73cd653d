"""Every kind of output on the whole engine: from the node that makes it to a verified file and a row in the gallery."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.paths import Home
from comfydesk.engine import Engine
from comfydesk.gallery.model import GalleryItem
from comfydesk.jobs import media_kinds, verdict
from comfydesk.jobs.model import Job, JobRequest, JobState, OutputPreview, OwnerKind
from comfydesk.server.types import Host

from .conftest import Demo
from .rig import TITLES, graph, no_half_files, until

SEED = 4711


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


PICTURES = ["8", 0]
SAVE = node("SaveImage", filename_prefix="ComfyDesk", images=PICTURES)
WEBP = node(
    "SaveAnimatedWEBP",
    filename_prefix="ComfyDesk",
    fps=8.0,
    lossless=False,
    quality=80,
    method="default",
    images=PICTURES,
)
APNG = node("SaveAnimatedPNG", filename_prefix="ComfyDesk", fps=8.0, compress_level=4, images=PICTURES)
VIDEO = (
    node("CreateVideo", images=PICTURES, fps=8.0),
    node("SaveVideo", video=["20", 0], filename_prefix="video/C", format="auto", codec="auto"),
)
AUDIO = node("EmptyAudio", duration=1.0, sample_rate=44100, channels=2)
FLAC = (AUDIO, node("SaveAudio", audio=["20", 0], filename_prefix="audio/C"))
HEARD = (AUDIO, node("PreviewAudio", audio=["20", 0]))
LATENT = node("SaveLatent", samples=["3", 0], filename_prefix="latents/C")
WORDS = (node("PrimitiveStringMultiline", value="a fox\nin the snow"), node("PreviewAny", source=["20", 0]))
SHOWN = node("PreviewImage", images=PICTURES)


class Studio:
    """An engine on a demo server, with what a test asks of both."""

    def __init__(self, engine: Engine, results: Path) -> None:
        self.engine, self.results = engine, results
        self.previews: list[OutputPreview] = []
        engine.changes.subscribe(lambda batch: self.previews.extend(c for c in batch if isinstance(c, OutputPreview)))

    def run(self, *savers: dict[str, Any], frames: int = 1, **fields: Any) -> Job:
        """One run of a small picture with these nodes (20, 21, …) in place of the usual saver."""
        prompt = graph(SEED, n9=None, **{f"n{20 + n}": saver for n, saver in enumerate(savers)})
        prompt["5"]["inputs"]["batch_size"] = frames
        request = JobRequest("SDXL", prompt, "demo", seed=SEED, titles=TITLES, params={"Prompt": "a fox"}, **fields)
        queue, call = self.engine.queue, self.engine.runtime.call
        jobs = call(queue.add([request]))
        (done,) = call(queue.wait([jobs[0].job_id], 20.0), 30.0)
        return done

    def rows(self, count: int) -> list[GalleryItem]:
        """The rows of the gallery, oldest first, once there are so many."""

        def all_there() -> list[GalleryItem] | None:
            found = self.engine.runtime.call(self.engine.gallery.page(0, 100, newest_first=False))
            return found if len(found) >= count else None

        found: list[GalleryItem] = until(all_there)
        assert len(found) == count
        return sorted(found, key=lambda item: item.item_id)

    def files(self) -> list[Path]:
        assert no_half_files(self.results)
        return sorted(path for path in self.results.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def studio_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Studio]]:
    """Makes studios with homes of their own."""
    made: list[Engine] = []

    def make(url: str) -> Studio:
        folder = tmp_path_factory.mktemp("studio")
        engine = Engine.open(Home(folder / "home", folder / "cache"), OwnerKind.WINDOW)
        made.append(engine)
        engine.runtime.call(engine.set_output_root(str(folder / "results")))
        engine.runtime.call(engine.connect(Host("demo", "demo", url), wait_server=10.0), 20.0)
        return Studio(engine, folder / "results")

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def studio(studio_of: Callable[[str], Studio], demo: Demo) -> Iterator[Studio]:
    made = studio_of(demo.url)
    yield made
    made.engine.close()


def check(studio: Studio, job: Job, kinds: Sequence[str], extensions: Sequence[str]) -> list[GalleryItem]:
    """The files lie where they should, are what the server has, and the gallery knows them by kind, seed and job."""
    assert job.state is JobState.DONE and job.error is None
    paths = [Path(file.path) for file in job.files]
    assert studio.files() == sorted(paths)
    stems = []
    for path, saved, ext in zip(paths, job.files, extensions, strict=True):
        workflow, day, name = path.relative_to(studio.results).parts
        assert workflow == "SDXL" and re.fullmatch(r"\d{4}-\d\d-\d\d", day)
        found = re.fullmatch(rf"\d{{6}}_({SEED}(?:_\d+)?)(\.\w+)", name)
        assert found and found[2] == ext, name
        stems.append(found[1])
        data = path.read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (saved.size, saved.sha256)
        assert media_kinds.complete(path) is not False
    assert sorted(stems) == sorted([str(SEED), *[f"{SEED}_{n}" for n in range(2, len(paths) + 1)]])
    rows = {row.path: row for row in studio.rows(len(paths))}
    in_order = [rows[str(path)] for path in paths]
    assert [row.kind for row in in_order] == list(kinds)
    assert {(row.job_id, row.seed, row.workflow, row.prompt) for row in in_order} == {
        (job.job_id, SEED, "SDXL", "a fox")
    }
    return in_order


@pytest.mark.parametrize(
    ("savers", "frames", "kinds", "extensions"),
    [
        pytest.param([SAVE], 1, ["picture"], [".png"], id="a picture"),
        pytest.param([SAVE], 3, ["picture"] * 3, [".png"] * 3, id="a batch of pictures"),
        pytest.param([WEBP], 3, ["animation"], [".webp"], id="an animated WebP"),
        pytest.param([APNG], 3, ["animation"], [".png"], id="an animated PNG"),
        pytest.param([WEBP], 1, ["picture"], [".webp"], id="an animated WebP of one frame is a picture"),
        pytest.param(VIDEO, 3, ["video"], [".mp4"], id="a video"),
        pytest.param(FLAC, 1, ["sound"], [".flac"], id="a sound"),
        pytest.param([LATENT], 1, ["latent"], [".latent"], id="a latent"),
        pytest.param(WORDS, 1, ["text"], [".txt"], id="a text"),
        pytest.param([SHOWN], 2, ["picture"] * 2, [".png"] * 2, id="previews only"),
        pytest.param(HEARD, 1, ["sound"], [".flac"], id="a sound to hear only"),
    ],
)
def test_each_kind_ends_as_a_whole_file_and_a_row(
    studio: Studio, savers: Sequence[dict[str, Any]], frames: int, kinds: list[str], extensions: list[str]
) -> None:
    check(studio, studio.run(*savers, frames=frames), kinds, extensions)


def test_all_kinds_of_one_job_share_a_name(studio: Studio) -> None:
    job = studio.run(SAVE, WEBP, APNG, LATENT, frames=2)
    by_node = {file.node_id: Path(file.path).suffix for file in job.files}
    assert by_node == {"20": ".png", "21": ".webp", "22": ".png", "23": ".latent"}
    kinds = {"20": "picture", "21": "animation", "22": "animation", "23": "latent"}
    check(studio, job, [kinds[f.node_id] for f in job.files], [Path(f.path).suffix for f in job.files])


def test_a_text_is_saved_word_for_word(studio: Studio) -> None:
    job = studio.run(*WORDS)
    assert Path(job.files[0].path).read_text(encoding="utf-8") == "a fox\nin the snow"


def test_a_node_that_saves_a_text_and_says_it_too_is_saved_once() -> None:
    said = {"text": ["a fox"], "files": [{"filename": "x_00001.md", "subfolder": "t", "type": "output"}]}
    assert [(item.remote.filename, item.text) for item in verdict.named_outputs("21", said)] == [("x_00001.md", None)]
    captioned = {"text": ["a fox"], "images": [{"filename": "x.png", "subfolder": "", "type": "output"}]}
    assert [item.text for item in verdict.named_outputs("21", captioned)] == [None, "a fox"]


def test_a_preview_beside_a_saver_is_only_shown_until_it_is_kept(studio: Studio) -> None:
    job = studio.run(SAVE, SHOWN)
    assert [file.node_id for file in job.files] == ["20"]
    until(lambda: studio.previews)
    (shown,) = studio.previews
    assert (shown.job_id, shown.node_id) == (job.job_id, "21") and Path(shown.cache_path).is_file()
    assert len(studio.rows(1)) == 1
    call, queue = studio.engine.runtime.call, studio.engine.queue
    kept = call(queue.keep(shown.output_id))
    job = call(queue.job(job.job_id))
    check(studio, job, ["picture", "picture"], [".png", ".png"])
    assert Path(kept.path).name.endswith(f"{SEED}_2.png")


def test_pictures_that_are_only_shown_are_saved_although_a_text_is_shown_too(studio: Studio) -> None:
    job = studio.run(SHOWN, node("PreviewAny", source=["3", 0]))
    kinds = {".png": "picture", ".txt": "text"}
    extensions = [Path(file.path).suffix for file in job.files]
    assert sorted(extensions) == [".png", ".txt"]
    check(studio, job, [kinds[ext] for ext in extensions], extensions)


def test_keep_temp_saves_what_is_only_shown(studio: Studio) -> None:
    check(studio, studio.run(SAVE, SHOWN, keep_temp=True), ["picture"] * 2, [".png"] * 2)


def test_pictures_and_animations_get_thumbnails_and_the_rest_icons(studio: Studio) -> None:
    studio.run(SAVE, WEBP, LATENT, frames=2)
    rows = studio.rows(4)
    thumbnail = studio.engine.gallery.thumbnail
    shown = {row.kind: studio.engine.runtime.call(thumbnail(row.item_id, 256)) for row in rows}
    assert Path(shown["picture"]).is_file() and Path(shown["animation"]).is_file() and shown["latent"] == ""
