"""What platforms build on: hooks that ship, queues that run them, host frameworks, observers."""
