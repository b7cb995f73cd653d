"""ComfyDesk drives ComfyUI servers: pick a workflow, fill in a form, queue, find the files in a local folder."""
