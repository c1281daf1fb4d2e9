"""A ledger over HTTP, in a host's FastAPI application.

``ledger_router`` makes the router; ``Visible`` and ``Owes`` are the types of the functions by
which a host says who may see what.
"""

from rectify.integrations.fastapi.policy import Owes, Visible
from rectify.integrations.fastapi.router import ledger_router

__all__ = ["Owes", "Visible", "ledger_router"]
