"""The editor for prompts: colours, weights by key, completion, history, and what choices come out as."""
