"""What all rooms share: version, errors, paths, settings, log, resources, and the only threads."""
