"""Runs prompts, one at a time, on a thread of its own, and tells clients about it in the recorded order (S11)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from comfydesk.demo.call import Abandoned, BlockedError, Call, Folders, JobInterruptedError, Saved
from comfydesk.demo.graph import Order, is_link, links, signatures
from comfydesk.demo.hub import Hub
from comfydesk.demo.journal import Journal
from comfydesk.demo.narrator import Narrator, Run
from comfydesk.demo.nodes.catalog import NODES
from comfydesk.demo.nodes.pictures import annotated_file
from comfydesk.demo.options import Options
from comfydesk.demo.prompt_queue import Item, PromptQueue

if TYPE_CHECKING:
    from comfydesk.demo.faults import Faults


class Executor:
    """The worker: queue in, messages and history out. `abandon()` makes it end without another word."""

    def __init__(
        self, options: Options, folders: Folders, queue: PromptQueue, hub: Hub, journal: Journal, faults: Faults
    ) -> None:
        self._options = options
        self._folders = folders
        self._queue = queue
        self._hub = hub
        self._journal = journal
        self._faults = faults
        self._narrator = Narrator(hub, options.clock_offset)
        self._cache: dict[str, tuple[tuple[Any, ...], dict[str, Any] | None]] = {}
        self._loaded: set[str] = set()
        self._interrupted = threading.Event()
        self._abandoned = threading.Event()
        self._wedged = threading.Event()
        self._temp_tag = "".join(chr(97 + b % 26) for b in time.time_ns().to_bytes(8, "big")[-5:])
        self._thread = threading.Thread(target=self._work, name="demo-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def interrupt(self) -> None:
        """Stop what runs now."""
        self._interrupted.set()

    def abandon(self) -> None:
        self._abandoned.set()
        self._queue.close()

    def wedge(self) -> None:
        """Stop working for good, with the job still marked as running (S18)."""
        self._wedged.set()

    def now(self) -> int:
        return self._narrator.now()

    # ── the thread ────────────────────────────────────────────────────────────────────────────────────────────────
    def _work(self) -> None:
        while not self._abandoned.is_set():
            try:
                taken = self._taken()
                flags = self._queue.flags()
                if flags.get("free_memory"):
                    self._cache.clear()
                if flags.get("unload_models", flags.get("free_memory")):
                    self._loaded.clear()
                if taken is not None:
                    self._run(*taken)
            except Abandoned:
                return

    def _taken(self) -> tuple[Item, int] | None:
        try:
            return self._queue.take(timeout=5.0)
        except TypeError as exc:  # the heap broke (S3); the real worker dies of it, too
            self._journal.note("worker_died", reason=str(exc))
            raise Abandoned from exc

    def _run(self, item: Item, task: int) -> None:
        number, prompt_id, prompt, extra, outputs = item
        client = extra.get("client_id")
        run = Run(number, prompt_id, prompt, extra, outputs, client if isinstance(client, str) else None)
        self._interrupted.clear()
        self._hub.client_id, self._hub.last_node = run.client_id, None
        self._journal.begin(run.prompt_id, number)
        self._faults.on_job("start", prompt_id)
        self._narrator.tell(run, "execution_start", {"prompt_id": prompt_id})
        self._execute(run)
        self._hub.last_node = None
        self._checkpoint_abandoned()
        meta = {n: {"node_id": n, "display_node": n, "parent_node": None, "real_node_id": n} for n in run.ui}
        self._journal.end(prompt_id, "error" if run.failed else "success", run.ui, self._folders)
        self._queue.done(
            task,
            {
                "outputs": run.ui,
                "status": {
                    "status_str": "error" if run.failed else "success",
                    "completed": not run.failed,
                    "messages": run.messages,
                },
                "meta": meta,
            },
        )
        self._faults.on_job("done", prompt_id)
        self._narrator.executing(run, None)

    def _execute(self, run: Run) -> None:
        marks = signatures(run.prompt, lambda node_id: self._file_stamp(run.prompt[node_id]))
        known = set(marks.values())
        self._cache = {mark: result for mark, result in self._cache.items() if mark in known}
        cached = [node_id for node_id in run.prompt if marks[node_id] in self._cache]
        self._narrator.tell(run, "execution_cached", {"nodes": cached, "prompt_id": run.prompt_id})
        order = Order(run.prompt, run.outputs, lambda node_id: marks.get(node_id) in self._cache)
        while order:
            node_id = order.next()
            if node_id is None:
                self._narrator.fail(run, run.outputs[0], RuntimeError("Dependency cycle detected"))
                return
            if not self._run_node(run, node_id, marks):
                return
            order.done(node_id)
        self._narrator.tell(run, "execution_success", {"prompt_id": run.prompt_id})

    def _run_node(self, run: Run, node_id: str, marks: dict[str, str]) -> bool:
        result = self._cache.get(marks[node_id])
        if result is not None:
            self._narrator.announce(run, node_id, result[1])
            self._narrator.mark(run, node_id, 1.0, 1.0, "finished")
            return True
        if any(source in run.blocked for source in links(run.prompt, node_id)):
            run.blocked.add(node_id)
            return True
        self._narrator.mark(run, node_id, 0.0, 1.0, "running")
        self._narrator.executing(run, node_id)
        try:
            self._checkpoint()
            outputs, ui = self._call(run, node_id, marks)
        except JobInterruptedError:
            facts = {
                "prompt_id": run.prompt_id,
                "node_id": node_id,
                "node_type": run.prompt[node_id]["class_type"],
                "executed": list(run.ran),
            }
            run.failed = True
            self._narrator.tell(run, "execution_interrupted", facts, everybody=True)
            return False
        except BlockedError as exc:
            run.blocked.add(node_id)
            self._narrator.warn_of_block(run, node_id, str(exc))
            return True
        except Exception as exc:
            self._narrator.fail(run, node_id, exc)
            return False
        self._cache[marks[node_id]] = (outputs, ui)
        if ui is not None:
            self._narrator.announce(run, node_id, ui)
        run.ran.append(node_id)
        state = run.nodes[node_id]
        self._narrator.mark(run, node_id, state["max"], state["max"], "finished")
        return True

    def _call(self, run: Run, node_id: str, marks: dict[str, str]) -> tuple[tuple[Any, ...], dict[str, Any] | None]:
        profile, node = self._options.profile, run.prompt[node_id]
        spec = NODES[node["class_type"]]
        wanted = spec.wanted(profile.modern_specs) | spec.welcome(profile.modern_specs)
        values = {
            name: self._cache[marks[value[0]]][0][value[1]] if is_link(value) else value
            for name, value in node["inputs"].items()
            if name in wanted
        }
        call = Call(
            node_id=node_id,
            prompt=run.prompt,
            extra=run.extra,
            folders=self._folders,
            modern=profile.modern_specs,
            audio_suffix=profile.audio_suffix,
            step_seconds=self._options.step_ms / 1000,
            load_seconds=self._options.load_ms / 1000,
            previews=self._wants_previews(run),
            temp_tag=self._temp_tag,
            progress=lambda value, most, jpeg: self._step(run, node_id, value, most, jpeg),
            say=lambda text: self._hub.send_text(text, node_id, run.client_id),
            checkpoint=self._checkpoint,
            loaded=self._loaded,
            slow_loads=run.slow_loads,
        )
        result = spec.run(call, **values)
        return (result.outputs, result.ui) if isinstance(result, Saved) else (result, None)

    def _wants_previews(self, run: Run) -> bool:
        """Off unless the server was started with them or the job asks (S35)."""
        method = self._options.preview_method
        if self._options.profile.preview_per_job:
            asked = run.extra.get("preview_method")
            method = asked if asked in ("auto", "latent2rgb", "taesd", "none") else method
        return method != "none"

    def _step(self, run: Run, node_id: str, value: int, most: int, jpeg: bytes | None) -> None:
        self._checkpoint()
        self._faults.on_job("step", run.prompt_id)
        now = time.monotonic()
        first_or_last = value == 1 or value == most
        if jpeg is None and not first_or_last and now - run.told_progress < self._options.profile.progress_gap:
            return
        run.told_progress = now
        self._narrator.progress(run, node_id, value, most, jpeg)

    # ── stopping ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _checkpoint(self) -> None:
        self._checkpoint_abandoned()
        while self._wedged.is_set():
            time.sleep(0.05)
            self._checkpoint_abandoned()
        if self._interrupted.is_set():
            self._interrupted.clear()
            raise JobInterruptedError

    def _checkpoint_abandoned(self) -> None:
        if self._abandoned.is_set():
            raise Abandoned

    def _file_stamp(self, node: dict[str, Any]) -> Any:
        """What makes LoadImage run again: its file's time and size."""
        name = node.get("inputs", {}).get("image")
        if not str(node.get("class_type", "")).startswith("LoadImage") or not isinstance(name, str):
            return None
        try:
            stat = annotated_file(self._folders, name).stat()
        except (OSError, ValueError):
            return None
        return [stat.st_mtime_ns, stat.st_size]
