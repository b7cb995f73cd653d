"""The list of workflows at the left of the Create page."""
