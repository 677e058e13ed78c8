"""Alerts of the pipelines: one open alert a cause, told once to every sink. `python -m pipelines.alerts.watch`."""
