"""A web endpoint that answers with a picture; many requests at once share one connection and one queue.

pip install fastapi uvicorn
COMFYDESK_HOST=gpu-box:8188 uvicorn examples.fastapi_endpoint:app
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

import comfydesk


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with tempfile.TemporaryDirectory() as folder, comfydesk.Client() as client:
        app.state.client = client
        app.state.folder = folder
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/picture")
async def picture(prompt: str, seed: int = 0) -> FileResponse:
    # The calls block, so they run on a worker thread; the engine has a loop of its own.
    return await run_in_threadpool(make, prompt, seed)


def make(prompt: str, seed: int) -> FileResponse:
    client: comfydesk.Client = app.state.client
    workflow = comfydesk.Workflow.load("sdxl").set("prompt", prompt).set("seed", seed)
    job = client.wait(client.submit(workflow, out=app.state.folder))
    if job.error is not None:
        raise HTTPException(502, f"{job.error.message} {job.error.next}")
    return FileResponse(job.files[0].path)
