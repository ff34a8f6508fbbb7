"""The commands of `python -m agent`, one a file."""
