"""/api/jobs: queue and history as one list (newer servers only)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfydesk.demo.prompt_queue import Item

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer

STATES = ("pending", "in_progress", "completed", "failed", "cancelled")
SHOWABLE = ("images", "video", "audio", "gifs", "3d")

Job = dict[str, Any]


class JobRoutes:
    def __init__(self, server: DemoServer) -> None:
        self._server = server

    def routes(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/api/jobs", self.jobs),
            ("POST", "/api/jobs/cancel", self.cancel_many),
            ("GET", "/api/jobs/{job_id}", self.job),
            ("POST", "/api/jobs/{job_id}/cancel", self.cancel),
        ]

    async def jobs(self, request: web.Request) -> web.Response:
        query = request.query
        wanted = [s.strip().lower() for s in query.get("status", "").split(",") if s.strip()] or list(STATES)
        odd = [s for s in wanted if s not in STATES]
        if odd:
            message = f"Invalid status value(s): {', '.join(odd)}. Valid values: {', '.join(STATES)}"
            return web.json_response({"error": message}, status=400)
        try:
            limit = int(query["limit"]) if "limit" in query else None
            offset = max(0, int(query.get("offset", 0)))
        except ValueError:
            return web.json_response({"error": "limit and offset must be integers"}, status=400)
        if limit is not None and limit <= 0:
            return web.json_response({"error": "limit must be a positive integer"}, status=400)
        found = [job for job in self._all() if job["status"] in wanted]
        found.sort(key=lambda job: job["create_time"] or 0, reverse=query.get("sort_order", "desc") != "asc")
        page = found[offset : None if limit is None else offset + limit]
        more = offset + len(page) < len(found)
        pagination = {"offset": offset, "limit": limit, "total": len(found), "has_more": more}
        return web.json_response({"jobs": page, "pagination": pagination})

    async def job(self, request: web.Request) -> web.Response:
        job_id = request.match_info["job_id"]
        found = self._open(job_id)
        if found is None:
            entry = self._server.boot.queue.history(job_id).get(job_id)
            if entry is None:
                return web.json_response({"error": "Job not found"}, status=404)
            found = _finished(entry, whole=True)
        return web.json_response(found)

    async def cancel(self, request: web.Request) -> web.Response:
        job_id = request.match_info["job_id"]
        if self._open(job_id) is None and not self._server.boot.queue.history(job_id):
            return web.json_response({"error": "Job not found"}, status=404)
        self._cancel(job_id)
        return web.json_response({"cancelled": True})

    async def cancel_many(self, request: web.Request) -> web.Response:
        body = await request.json()
        job_ids = body.get("job_ids") if isinstance(body, dict) else None
        if not isinstance(job_ids, list) or not all(isinstance(job_id, str) for job_id in job_ids):
            return web.json_response({"error": "job_ids must be a list of strings"}, status=400)
        for job_id in job_ids:
            self._cancel(job_id)
        return web.json_response({"cancelled": True})

    def _cancel(self, job_id: str) -> None:
        boot = self._server.boot
        if not boot.queue.delete(job_id) and boot.queue.is_running(job_id):
            boot.executor.interrupt()

    def _all(self) -> list[Job]:
        queue = self._server.boot.queue
        running, waiting = queue.current()
        done = [_finished(entry, whole=False) for entry in queue.history().values()]
        return [_unfinished(i, "in_progress") for i in running] + [_unfinished(i, "pending") for i in waiting] + done

    def _open(self, job_id: str) -> Job | None:
        running, waiting = self._server.boot.queue.current()
        for items, state in ((running, "in_progress"), (waiting, "pending")):
            for item in items:
                if item[1] == job_id:
                    return _unfinished(item, state)
        return None


def _unfinished(item: Item, state: str) -> Job:
    return {
        "id": item[1],
        "status": state,
        "priority": item[0],
        "create_time": item[3].get("create_time"),
        "outputs_count": 0,
        "previewable_outputs_count": 0,
    }


def _finished(entry: dict[str, Any], *, whole: bool) -> Job:
    """A job out of a history entry; with outputs, messages and the prompt where `whole`."""
    number, job_id, prompt, extra, _outputs = entry["prompt"]
    status = entry["status"]
    messages = dict(status["messages"])
    state = "completed" if status["status_str"] == "success" else "failed"
    if "execution_interrupted" in messages:
        state = "cancelled"
    ends = ("execution_success", "execution_error", "execution_interrupted")
    count, showable, preview = _summary(entry["outputs"])
    job = {
        "id": job_id,
        "status": state,
        "priority": number,
        "create_time": extra.get("create_time"),
        "execution_start_time": messages.get("execution_start", {}).get("timestamp"),
        "execution_end_time": next((messages[e]["timestamp"] for e in ends if e in messages), None),
        "execution_error": messages.get("execution_error"),
        "outputs_count": count,
        "previewable_outputs_count": showable,
        "preview_output": preview,
    }
    if whole:
        job |= {
            "outputs": entry["outputs"],
            "execution_status": status,
            "workflow": {"prompt": prompt, "extra_data": extra},
        }
    return {key: value for key, value in job.items() if value is not None}


def _summary(outputs: dict[str, Any]) -> tuple[int, int, dict[str, Any] | None]:
    """How many files there are, how many of them can be shown, and the one to show: a kept one before a temporary."""
    count, showable = 0, 0
    best: dict[str, Any] | None = None
    for node_id, shown in outputs.items():
        for kind, items in shown.items():
            for item in items if kind != "animated" else ():
                count += 1
                if not isinstance(item, dict) or kind not in SHOWABLE:
                    continue
                showable += 1
                if best is None or (best["type"] != "output" and item["type"] == "output"):
                    best = {**item, "nodeId": node_id, "mediaType": kind}
    return count, showable, best
