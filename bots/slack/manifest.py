"""The app as Slack is told of it when it is made: the manifest that stands beside this file."""

from importlib import resources

FILE = "manifest.yaml"


def text() -> str:
    """The manifest, as YAML to be pasted into Slack's form for a new app."""
    return resources.files("bots.slack").joinpath(FILE).read_text(encoding="utf-8")
