"""Faults on purpose: what is done to a ledger, and what must hold after it."""
