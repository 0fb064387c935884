"""What monitoring on this machine may ask: metrics, health, readiness."""
