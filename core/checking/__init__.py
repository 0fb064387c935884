"""What the answer check is made of: `core.checks` is its door."""
