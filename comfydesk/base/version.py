"""The version, in the one place that no import of the package root is needed to read."""

__version__ = "0.1.0"
