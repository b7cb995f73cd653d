"""The settings page and the window's own settings."""
