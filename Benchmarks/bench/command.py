"""What the commands of this package have in common."""

import os
import signal
from argparse import ArgumentParser
from pathlib import Path

from .setup import HOME


def find_nestboxd(parser: ArgumentParser, given: str | None) -> str:
    """The service to measure; ends the command when it cannot be measured at all."""
    if os.geteuid() != 0:
        parser.error("needs root: sandboxes take cgroups and host ids")
    places = [HOME / ".build/release/nestboxd", HOME / "../../libexec/nestbox/nestboxd"]
    places = [Path(given)] if given else places
    found = next((place.resolve() for place in places if os.access(place, os.X_OK)), None)
    if not found:
        parser.error("no nestboxd: swift build -c release --static-swift-stdlib, or --nestboxd")
    return str(found)


def interrupted(*_: object) -> None:
    """The first signal ends in order, whatever comes after it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
