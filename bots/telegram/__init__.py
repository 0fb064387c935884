"""Sổ Tay on Telegram."""
