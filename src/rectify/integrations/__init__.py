"""What platforms build on: host frameworks, hooks that ship, queues that run them, observers."""
