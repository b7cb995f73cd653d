"""Arranging the form: which fields it shows first, under which names, in which groups."""
