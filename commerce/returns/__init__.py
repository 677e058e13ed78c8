"""Service `returns`: goods that come back, and quarrels about them."""
