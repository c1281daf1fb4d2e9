"""What platforms build on: their frameworks, hooks that ship, queues that run them."""
