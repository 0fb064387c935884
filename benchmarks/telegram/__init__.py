"""The Telegram adapter measured over real sockets to a local Telegram: `python -m benchmarks.telegram --help`."""
