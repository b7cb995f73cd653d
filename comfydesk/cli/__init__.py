"""The command line: one file a command group. Results on standard output, words for people on standard error."""
