"""Word lists as they are written down: words with spaces between, phrases with commas between."""


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """Each with one space between its words."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))
