"""The node types that the demo server knows: their specs (`table`) and what they do."""
