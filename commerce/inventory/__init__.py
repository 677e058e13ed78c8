"""Service `inventory`: stock and holds."""
