"""The Create page: workflows, form, stage with the newest results, and the queue below."""
