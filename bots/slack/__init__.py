"""Sổ Tay in Slack."""
