"""What a move costs: the ledger beside the state machines a platform might use instead.

Run with ``make bench``, or ``python -m bench`` from the root of the repository.
"""
