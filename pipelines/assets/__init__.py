"""Dagster wiring of the assets: each reads, calls a plain function, reports. Not here: logic of any kind."""
