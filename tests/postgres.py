"""A private PostgreSQL for the tests: started in a folder of its own, on a socket, and thrown away at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from agent.store.database import Database

_TEMPLATE = "template_shop"


def programs() -> Path | None:
    """The folder of the newest server on this machine, where there is one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Postgres:
    """A running server. `new_database` makes databases that are migrated already."""

    def __init__(self, bin_folder: Path, folder: Path) -> None:
        self._bin = bin_folder
        self._folder = folder
        self._numbers = count()
        self._has_template = False
        self._owner: tuple[int, int] | None = None
        if os.geteuid() == 0:  # the server refuses root
            owner = next(e for e in pwd.getpwall() if e.pw_name in ("postgres", "nobody"))
            self._owner = owner.pw_uid, owner.pw_gid
            os.chown(folder, *self._owner)
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        data = self._folder / "data"
        if not data.exists():
            options = ("-U", "shop", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
            self._run("initdb", "-D", str(data), *options)
        # Nothing here must survive a power cut; the shop's own promises are the tests' business.
        settings = {
            "listen_addresses": "",
            "fsync": "off",
            "unix_socket_directories": str(self._folder),
            "max_connections": "120",
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder.parent / f"{self._folder.name}.log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(data), *arguments],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                **self._identity(),
            )
        self._wait()

    def stop(self) -> None:
        if self._server is not None:
            self._run("pg_ctl", "stop", "-D", str(self._folder / "data"), "-m", "immediate")
            self._server.wait(30)
            self._server = None

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://shop@/{name}?host={self._folder}"

    def new_database(self, *, empty: bool = False) -> str:
        """The URL of a fresh database, with the shop's tables or without any."""
        name = f"shop_{next(self._numbers)}"
        if not empty and not self._has_template:
            self._has_template = True
            self._execute(f"CREATE DATABASE {_TEMPLATE}")
            database = Database(self.url(_TEMPLATE))
            database.migrate()
            database.close()
        self._execute(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {_TEMPLATE}"))
        return self.url(name)

    def _execute(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _wait(self) -> None:
        for _ in range(300):
            ready = subprocess.run([str(self._bin / "pg_isready"), "-q", "-h", str(self._folder)], check=False)
            if ready.returncode == 0:
                return
            assert self._server is not None
            assert self._server.poll() is None, "PostgreSQL did not start"
            time.sleep(0.1)
        raise AssertionError("PostgreSQL did not become ready")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, check=False, **self._identity())
        assert done.returncode == 0, done.stderr.decode()

    def _identity(self) -> dict[str, Any]:
        if self._owner is None:
            return {}
        return {"user": self._owner[0], "group": self._owner[1], "extra_groups": []}


@contextmanager
def private_postgres() -> Iterator[Postgres | None]:
    """A server until the end, or None where PostgreSQL is not installed."""
    bin_folder = programs()
    if bin_folder is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="shop-pg-"))  # not pytest's: those are closed to other users
    server = Postgres(bin_folder, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)
