"""Supply: safety stock and reorder proposals from forecast demand and lead times; judged by simulation."""
