"""The front door: the `getit` command, the supervisor of all processes, the embedded engines. Not here: shop, models."""
