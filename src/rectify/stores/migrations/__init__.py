"""The layouts of a database, one revision each; `rectify.stores.migration` goes through them.

Revision ``0001`` is layout 1, that of `rectify.stores.tables`. A change to a table is a new
revision beside it, with the next number there and in ``tables.SCHEMA``; none is ever changed
once it was released. What a revision does it does by the operations it is given, and not by
``alembic.op``, which belongs to the host's revision that may be running around it.
"""
