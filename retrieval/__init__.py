"""From files to passages: reading documents, indexing them, searching."""
