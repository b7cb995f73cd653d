"""The queue as rows: the panel below Create and the page of its own."""
