"""Conversations about everything private, and a network that keeps every byte which leaves."""
