"""``manage.py demo``: make the database, fill it if it is new, and serve the site."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, call_command

from office.seeding import PASSWORD, PEOPLE, seed


class Command(BaseCommand):
    """Starts the demonstration."""

    help = "Make the database, fill it if it is new, and serve the site."

    def add_arguments(self, parser: Any) -> None:
        """``--port``, ``--only-prepare``."""
        parser.add_argument("--port", type=int, default=8018)
        parser.add_argument("--only-prepare", action="store_true", help="don't serve")

    def handle(self, *args: Any, port: int, only_prepare: bool, **options: Any) -> None:
        """Start."""
        call_command("migrate", verbosity=0)
        seed()
        names = "、".join(name for name, *_ in PEOPLE)
        self.stdout.write(f"用户：{names}\n密码：{PASSWORD}\n网址：http://127.0.0.1:{port}/")
        if not only_prepare:
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)
