"""The commands of `sotay`, one module a subject; `bots.__main__` puts them together."""
