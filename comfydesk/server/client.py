"""The calls of a ComfyUI server, blocking and typed. Raises Problem; S1…S41: docs/server-facts.md.

Threads: every method may be called from any thread, each thread has its own connections.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from comfydesk.base.errors import Problem
from comfydesk.server import remote_jobs
from comfydesk.server.address import parse
from comfydesk.server.body import UndecodableError, loads
from comfydesk.server.download import Download, open_file
from comfydesk.server.failures import is_html
from comfydesk.server.look import report
from comfydesk.server.submit import read_answer
from comfydesk.server.transport import Limits, Reply, Transport
from comfydesk.server.types import (
    Credentials,
    HostReport,
    RemoteFile,
    RemoteJob,
    RemoteState,
    Submitted,
    Trust,
)
from comfydesk.server.upload import send_file

_NO_LOGIN = Credentials()
_PUBLIC_CAS = Trust()
_PAGES = 50  # of /api/jobs; more waiting jobs than that are somebody else's


class ServerClient:
    """One server. `url` may be anything that a person types; raises Problem("host_invalid") for what is no address."""

    def __init__(
        self,
        url: str,
        credentials: Credentials = _NO_LOGIN,
        trust: Trust = _PUBLIC_CAS,
        *,
        allow_plain_auth: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.address = parse(url)
        self.url = self.address.url
        self.limits = limits or Limits()
        self.transport = Transport(
            self.address, credentials, trust, allow_plain_auth=allow_plain_auth, limits=self.limits
        )
        self.max_upload_size: int | None = None  # bytes, once the server has said so
        self._has_jobs_api: bool | None = None  # None: not asked yet

    # what it is

    def system_stats(self) -> dict[str, Any]:
        answer = self.transport.json("GET", "/system_stats")
        if not isinstance(answer, dict) or not isinstance(answer.get("system"), dict):
            raise self._wrong("its /system_stats are not ComfyUI's")
        return answer

    def features(self) -> dict[str, Any]:
        """The server's feature flags; {} on one that is too old to have any."""
        with self.transport.open("GET", "/features") as reply:
            if reply.status in (404, 405):
                return {}
            if reply.status != 200:
                raise reply.problem()
            answer = reply.json(self.limits.json)
        flags = answer if isinstance(answer, dict) else {}
        size = flags.get("max_upload_size")
        if isinstance(size, int) and size > 0:
            self.max_upload_size = size
        return flags

    def look(self) -> HostReport:
        """What this server is and can do. Asks anew for `/api/jobs`, so an update of the server is noticed."""
        begun = time.monotonic()
        stats = self.system_stats()
        latency = time.monotonic() - begun
        flags = self.features()
        queue = self.transport.json("GET", "/prompt")
        self._has_jobs_api = self._probe_jobs_api()
        return report(self.url, stats, flags, queue, has_jobs_api=self._has_jobs_api, latency=latency)

    def object_info(
        self, class_type: str | None = None, progress: Callable[[int, int], None] | None = None
    ) -> dict[str, Any]:
        """The specs of one node class ({} where it is unknown) or of all. `progress(bytes so far, bytes in all)`."""
        path = "/object_info" if class_type is None else f"/object_info/{quote(class_type, safe='')}"
        answer = self.transport.json(
            "GET", path, total=self.limits.specs, cap=self.limits.object_info, progress=progress
        )
        if not isinstance(answer, dict):
            raise self._wrong("its /object_info is not ComfyUI's")
        return answer

    # jobs

    def submit(
        self,
        prompt: Mapping[str, Any],
        *,
        prompt_id: str,
        client_id: str,
        extra_data: Mapping[str, Any] | None = None,
        front: bool = False,
        partial_execution_targets: list[str] | None = None,
    ) -> Submitted:
        """Queue a prompt under our own id (a canonical lower-case UUID). COMMIT the intent before calling this.

        Raises Rejected (400), AmbiguousError (it may have arrived: look the id up before sending again), Problem (it
        did not arrive). The id in the answer may differ on a server that does not take ours (S1). Never sends `number`
        (S3). Outputs that the server drops are in `node_errors` of a success (S5c).
        """
        body: dict[str, Any] = {"prompt": prompt, "client_id": client_id, "prompt_id": prompt_id}
        if extra_data:
            body["extra_data"] = extra_data
        if front:
            body["front"] = True
        if partial_execution_targets is not None:
            body["partial_execution_targets"] = partial_execution_targets
        return read_answer(self.transport, _encode(body), prompt_id)

    def job(self, prompt_id: str) -> RemoteJob:
        """The truth about a job. ABSENT only where the server itself says, in JSON, that it does not know it (S21)."""
        if self._has_jobs_api is not False:
            found = self._job_by_api(prompt_id)
            if found is not None:
                return found
        # History first, then the queue, then history again: a job may finish between two questions.
        done = self.history(prompt_id)
        if done is not None:
            return done
        state = self._queue().get(prompt_id)
        if state is not None:
            return RemoteJob(prompt_id, state)
        return self.history(prompt_id) or RemoteJob(prompt_id, RemoteState.ABSENT)

    def history(self, prompt_id: str) -> RemoteJob | None:
        """The job as the history has it; None: not there (yet) (S6)."""
        answer = self._lookup(f"/history/{quote(prompt_id, safe='')}")
        if not isinstance(answer, dict):
            raise self._wrong("its /history is not ComfyUI's")
        return remote_jobs.from_history(prompt_id, answer)

    def open_ids(self) -> dict[str, RemoteState]:
        """Every waiting and running id of the server, everybody's. Cheap where `/api/jobs` exists (S20)."""
        if self._has_jobs_api is None:
            self._has_jobs_api = self._probe_jobs_api()
        if not self._has_jobs_api:
            return self._queue()
        found: dict[str, RemoteState] = {}
        for _ in range(_PAGES):
            params = {"status": "pending,in_progress"} | ({"offset": str(len(found))} if found else {})
            page, more = remote_jobs.open_of_jobs_api(self.transport.json("GET", "/api/jobs", params=params))
            grown = len(found | page)
            if grown == len(found):
                break
            found |= page
            if not more:
                break
        return found

    def delete_waiting(self, prompt_ids: Iterable[str]) -> None:
        """Take jobs that do not run yet off the server's queue; unknown ids are no error."""
        ids = list(prompt_ids)
        if ids:
            self._post("/queue", {"delete": ids})

    def cancel(self, prompt_id: str) -> None:
        """Ask the server to drop a job, waiting or running. Only a later look says whether it did (S18, S34)."""
        if self._has_jobs_api is not False:
            path = f"/api/jobs/{quote(prompt_id, safe='')}/cancel"
            headers = {"Content-Type": "application/json"}
            with self.transport.open("POST", path, data=b"{}", headers=headers) as reply:
                if reply.status in (200, 202, 204) or (reply.status == 404 and _json_error(reply)):
                    return
                if reply.status not in (404, 405, 501):
                    raise reply.problem()
        self.delete_waiting([prompt_id])
        if self._queue().get(prompt_id) is RemoteState.RUNNING:
            self.interrupt(prompt_id)

    def interrupt(self, prompt_id: str) -> None:
        """Stop this job if it is the one that runs; never anybody else's."""
        self._post("/interrupt", {"prompt_id": prompt_id})

    def free(self, unload_models: bool = True, free_memory: bool = True) -> None:
        """Let the server free memory as soon as it is idle; also empties its cache of results (S36)."""
        self._post("/free", {"unload_models": unload_models, "free_memory": free_memory})

    # files

    def upload(self, path: Path, name: str, subfolder: str = "comfydesk") -> RemoteFile:
        """Upload an input file; use the name that comes back. The same bytes under the same name do no harm (S28).

        Raises Problem("upload_too_large"), ("upload_failed"), ("file_missing").
        """
        return send_file(self.transport, path, name, subfolder, self.max_upload_size)

    @contextlib.contextmanager
    def view(self, remote: RemoteFile, *, preview: str = "") -> Iterator[Download]:
        """Fetch a file. `preview`: "webp;50" asks for a small version. Raises Problem("output_missing") for 4xx."""
        with open_file(self.transport, remote, preview) as download:
            yield download

    def close(self) -> None:
        self.transport.close()

    # inside

    def _job_by_api(self, prompt_id: str) -> RemoteJob | None:
        """The job by `/api/jobs/{id}`; None where the server lacks it or answers oddly."""
        with self.transport.open("GET", f"/api/jobs/{quote(prompt_id, safe='')}") as reply:
            if reply.status == 200:
                job = remote_jobs.from_jobs_api(prompt_id, reply.json(self.limits.history))
                self._has_jobs_api = job is not None
                complete = job is not None and (job.state is not RemoteState.DONE or job.status)
                return job if complete else None
            if reply.status not in (404, 405, 501):
                raise reply.problem()
            if _json_error(reply):
                self._has_jobs_api = True
                return RemoteJob(prompt_id, RemoteState.ABSENT)
            self._has_jobs_api = False
            return None

    def _probe_jobs_api(self) -> bool:
        with self.transport.open("GET", "/api/jobs", params={"limit": "1"}) as reply:
            if reply.status in (404, 405, 501):
                return False
            if reply.status != 200:
                raise reply.problem()
            if is_html(reply.headers, b""):
                return False
            answer = reply.json(self.limits.json)
        return isinstance(answer, dict) and isinstance(answer.get("jobs"), list)

    def _queue(self) -> dict[str, RemoteState]:
        answer = self._lookup("/queue")
        if not isinstance(answer, dict) or "queue_running" not in answer:
            raise self._wrong("its /queue is not ComfyUI's")
        return remote_jobs.from_queue(answer)

    def _lookup(self, path: str) -> Any:
        """A route that every ComfyUI has: a 404 there is a proxy's that lost its server, and tells nothing (S21)."""
        try:
            return self.transport.json("GET", path, cap=self.limits.history)
        except Problem as exc:
            if exc.code == "not_comfyui" and exc.facts.get("status") == 404:
                raise _in_between(self.url, 404, exc.details) from exc
            raise

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        with self.transport.open("POST", path, data=_encode(body), headers=headers) as reply:
            if not 200 <= reply.status < 300:
                raise reply.problem()

    def _wrong(self, detail: str) -> Problem:
        return Problem("not_comfyui", address=self.url, detail=detail)


def _encode(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode("ascii")
    except (ValueError, TypeError, RecursionError) as exc:
        raise Problem("usage", detail=f"the workflow cannot be sent: {exc}") from exc


def _json_error(reply: Reply) -> bool:
    """Whether a 404 is the server's own "I do not know that" in JSON. A web page is a proxy's, and tells nothing."""
    body = reply.text()
    if is_html(reply.headers, body[:100].encode()):
        raise _in_between(reply.address.url, reply.status, body)
    try:
        answer = loads(body.encode())
    except UndecodableError:
        return False
    return isinstance(answer, dict) and "error" in answer


def _in_between(url: str, status: int, body: str) -> Problem:
    return Problem("unreachable", address=url, detail=f"something in between answers {status}", details=body)
