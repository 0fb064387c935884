"""The engine against its peers: the same questions to all, in turns, on one machine; `python -m benchmarks.engine`."""
