"""Where the library meets a host's framework: one module or package for each."""
