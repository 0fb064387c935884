"""The Slack adapter measured over real sockets to a local Slack: `python -m benchmarks.slack --help`."""
