"""A bank's transfer API as the outside world plays it. Not here: anything production needs."""
