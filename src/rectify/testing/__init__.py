"""For the tests of hosts: a clock, cases, walks, strategies, and the contract of a store.

``pytest_plugins = ["rectify.testing.plugin"]`` in a ``conftest.py`` brings the fixtures;
`rectify.testing.strategies` is for Hypothesis. Needs the extra ``testing``.
"""

from rectify.errors import MissingExtra

try:
    import pytest
except ModuleNotFoundError as error:
    raise MissingExtra(error.name or "pytest", "testing") from None

# What a store got wrong is shown in full: the asserts of the contract say so as a test's do.
pytest.register_assert_rewrite("rectify.testing.contract")

from rectify.testing.cases import (  # noqa: E402
    BEIJING,
    COMMISSION,
    CONCLUSIONS,
    INSPECTOR,
    MOVES,
    OFFICER,
    WHO,
    build,
    bulletin,
    finding,
    in_state,
    take,
    timetable,
)
from rectify.testing.clock import NOON, Clock  # noqa: E402
from rectify.testing.contract import (  # noqa: E402
    DurableStoreContract,
    HostedContract,
    InHost,
    OpenStore,
    StoreContract,
)
from rectify.testing.walks import Walk, walks  # noqa: E402

__all__ = [
    "BEIJING",
    "COMMISSION",
    "CONCLUSIONS",
    "INSPECTOR",
    "MOVES",
    "NOON",
    "OFFICER",
    "WHO",
    "Clock",
    "DurableStoreContract",
    "HostedContract",
    "InHost",
    "OpenStore",
    "StoreContract",
    "Walk",
    "build",
    "bulletin",
    "finding",
    "in_state",
    "take",
    "timetable",
    "walks",
]
