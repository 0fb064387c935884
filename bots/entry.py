"""The console script `sotay`: `python -m bots`, from a folder that this user may enter."""

import os
import runpy

OPEN_TO_ALL = "/"


def main() -> None:
    """Leaves the current folder where it is closed to this user, as it is under `sudo -u sotay` in somebody's home.

    Libraries look for files of theirs there as they are imported, so it is done before anything else.
    """
    if not os.access(".", os.R_OK | os.X_OK):
        os.chdir(OPEN_TO_ALL)
    runpy.run_module("bots", run_name="__main__")
