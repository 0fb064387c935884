"""Tests of the port for monitoring."""
