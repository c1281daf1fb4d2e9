"""A ledger over HTTP, in a host's FastAPI application.

``ledger_router`` makes the router; ``Visible`` and ``Owes`` are the types of the functions by
which a host says who may see what. Needs ``rectify[fastapi]``.
"""

from rectify.errors import MissingExtra

try:
    from rectify.integrations.fastapi.router import ledger_router
except ModuleNotFoundError as error:
    raise MissingExtra(error.name or "fastapi", "fastapi") from None

from rectify.integrations.fastapi.policy import Owes, Visible

__all__ = ["Owes", "Visible", "ledger_router"]
