"""The truth: the marketplace itself, one folder a service. Not here: analytics, models."""
