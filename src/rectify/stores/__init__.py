"""Where ledgers keep their rows: the only input and output of the library."""
