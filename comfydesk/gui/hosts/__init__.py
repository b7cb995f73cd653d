"""Where ComfyUI runs: first run, the hosts page, login, trust, and the host chip."""
