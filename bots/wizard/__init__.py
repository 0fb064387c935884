"""`sotay init`: questions about a new office, and the files that come of the answers."""
