"""`python -m sluice.cli`, for where the `sluice` script is not on the path."""

import sys

from sluice.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
