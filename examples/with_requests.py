"""The same job without ComfyDesk: what people write today with requests and websocket-client.

    python examples/with_requests.py 127.0.0.1:8188 sdxl.json "a red fox" 4 output

It has no retry, no look-up after a lost answer, no check of what it saved, and it trusts the server's file names.
"""

import json
import sys
import uuid
from pathlib import Path

import requests
import websocket

host, workflow_file, prompt_text, count, folder = sys.argv[1:6]
client_id = str(uuid.uuid4())
workflow = json.loads(Path(workflow_file).read_text(encoding="utf-8"))
sampler_id = next(i for i, n in workflow.items() if n["class_type"] == "KSampler")
positive_id = workflow[sampler_id]["inputs"]["positive"][0]
workflow[positive_id]["inputs"]["text"] = prompt_text

ws = websocket.WebSocket()
ws.connect(f"ws://{host}/ws?clientId={client_id}")
open_ids = []
for i in range(int(count)):
    workflow[sampler_id]["inputs"]["seed"] = 42 + i
    answer = requests.post(f"http://{host}/prompt", json={"prompt": workflow, "client_id": client_id}, timeout=30)
    answer.raise_for_status()
    open_ids.append(answer.json()["prompt_id"])

waiting = set(open_ids)
while waiting:
    message = ws.recv()
    if not isinstance(message, str):
        continue
    event = json.loads(message)
    if event["type"] == "executing" and event["data"]["node"] is None:
        waiting.discard(event["data"]["prompt_id"])
ws.close()

target = Path(folder)
target.mkdir(parents=True, exist_ok=True)
for prompt_id in open_ids:
    history = requests.get(f"http://{host}/history/{prompt_id}", timeout=30).json()
    for output in history[prompt_id]["outputs"].values():
        for image in output.get("images", []):
            data = requests.get(f"http://{host}/view", params=image, timeout=60)
            (target / image["filename"]).write_bytes(data.content)
            print(target / image["filename"])
