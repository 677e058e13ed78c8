"""bKash as the outside world plays it: tokenized checkout v1.2.0-beta over HTTP. Not here: anything production needs."""
