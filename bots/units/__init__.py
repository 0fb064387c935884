"""The units of systemd: rendered for this machine, installed, compared and judged."""
