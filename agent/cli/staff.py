"""`python -m agent staff`: who may work at the desk."""

from __future__ import annotations

import sys
from getpass import getpass

from agent.errors import SettingsError
from agent.settings import load_settings
from agent.store.database import Database
from agent.store.staff import StaffStore

SHORTEST = 10


def run_staff(name: str, *, remove: bool) -> int:
    """Set or remove a member; the exit status. The password is asked for, or read from standard input.

    Raises SettingsError for a short password, or a name that is not there.
    """
    settings = load_settings()
    database = Database(settings.database_url)
    database.migrate()
    staff = StaffStore(database)
    try:
        if remove:
            if not staff.remove(name):
                raise SettingsError(
                    f"there is no staff member {name!r}; there are: {', '.join(staff.names()) or 'none'}"
                )
            return 0
        password = getpass(f"Password of {name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        if len(password) < SHORTEST:
            raise SettingsError(f"a password needs at least {SHORTEST} characters")
        staff.set(name, password)
        return 0
    finally:
        database.close()
