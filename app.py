"""Shopkeeper: settings, the shop, and every face of it on one port."""

from __future__ import annotations

import argparse
import logging
import sys

from agent.errors import ShopkeeperError
from agent.settings import load_settings


def main() -> int:
    """Serve the shop of the settings; the exit status."""
    argparse.ArgumentParser(
        prog="python app.py",
        description="Serve the shop; the first run builds the demo shop. Settings are SHOPKEEPER_* variables.",
    ).parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("alembic", "httpx"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        from agent.web.serving import serve

        return serve(load_settings())
    except ShopkeeperError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
