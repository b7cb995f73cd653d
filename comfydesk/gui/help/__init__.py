"""Help: keys, first steps, where things lie."""
