"""Presets and styles in the form's head, comparing, and copying the form elsewhere."""
