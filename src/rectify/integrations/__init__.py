"""What platforms build on: hooks that ship, and queues that run them. One module each."""
