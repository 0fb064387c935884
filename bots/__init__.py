"""The running product: settings, wiring, the command line and the chat adapters."""
