"""`python app.py`: from one line that says where everything is to a clean stop; a taken port is one line too."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


def start(home: Path, port: int) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOPKEEPER_")}
    settings = {"SHOPKEEPER_HOME": str(home), "SHOPKEEPER_PORT": str(port), "SHOPKEEPER_DESK_PASSWORD": "a password"}
    return subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env={**kept, **settings}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def test_a_port_that_is_taken_is_one_line_and_status_2(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        shop = start(tmp_path, taken.getsockname()[1])
        out, err = shop.communicate(timeout=120)
    assert shop.returncode == 2
    assert out == ""
    [line] = err.strip().splitlines()
    assert line.startswith("error: SHOPKEEPER_PORT: cannot serve on 127.0.0.1:")
    assert not (tmp_path / "shop.db").exists()  # nothing was begun


def test_the_shop_says_where_it_is_serves_every_face_and_stops_cleanly(small_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(small_home, tmp_path / "home")
    port = free_port()
    shop = start(home, port)
    try:
        assert shop.stdout is not None
        line = shop.stdout.readline()
        base = f"http://127.0.0.1:{port}"
        for word in (f"Shop: {base}/", f"Demo: {base}/demo", f"Desk: {base}/desk", "SHOPKEEPER_DESK_PASSWORD"):
            assert word in line
        for path in ("/healthz", "/", "/widget.js", "/demo/", "/desk/"):
            assert httpx.get(base + path, timeout=60).status_code == 200, path
        with httpx.stream("GET", base + "/demo/gradio_api/heartbeat/a-page-that-stays-open") as heart:
            assert "ALIVE" in next(heart.iter_text())
            shop.send_signal(signal.SIGTERM)
            _, err = shop.communicate(timeout=30)
    finally:
        shop.kill()
    assert shop.returncode == 0
    assert "Traceback" not in err
    assert "ERROR" not in err
