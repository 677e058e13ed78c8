"""Facts of Bangladesh, with their sources. Not here: rules of the shop."""
