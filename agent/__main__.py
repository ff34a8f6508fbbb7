"""`python -m agent`: import a catalogue, chat in the terminal, run conversations through a pipe.

Errors are one line on stderr with exit status 2.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from agent.errors import ShopkeeperError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m agent", description="Shopkeeper's commands.")
    commands = top.add_subparsers(dest="command", required=True)
    load = commands.add_parser("import-catalogue", help="load products from a file and build the index")
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--format", choices=("shopkeeper", "shopify", "google", "csv"), help="by default it is detected")
    load.add_argument("--mapping", type=Path, metavar="FILE.toml", help="which column is what, see docs/catalogues.md")
    load.add_argument("--bad-rows", type=int, default=20, metavar="N", help="how many bad rows to name (default 20)")
    chat = commands.add_parser("chat", help="a chat in the terminal")
    chat.add_argument("--shopper", metavar="ID", help="chat as this shopper, signed in")
    chat.add_argument("--steps", action="store_true", help="show what the bot does")
    staff = commands.add_parser("staff", help="give a member of the support staff a password, or remove one")
    staff.add_argument("name", metavar="NAME")
    staff.add_argument("--remove", action="store_true")
    commands.add_parser("pipe", help="conversations as JSON lines on standard input and output")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit status."""
    args = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        if args.command == "import-catalogue":
            from agent.cli.importing import run_import

            return run_import(args.file, args.format, args.mapping, args.bad_rows)
        if args.command == "chat":
            from agent.cli.terminal import run_chat

            return run_chat(args.shopper, steps=args.steps)
        if args.command == "staff":
            from agent.cli.staff import run_staff

            return run_staff(args.name, remove=args.remove)
        from agent.cli.pipe import run_pipe

        return run_pipe(sys.stdin, sys.stdout)
    except ShopkeeperError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
