"""The words on the command line, one file for each."""

from sluice.cli.entry import main

__all__ = ["main"]
