"""The gallery page: a grid of results, a viewer, and what made each file."""
