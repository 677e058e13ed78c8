"""The sandbox market: made-up shoppers and fraudsters who use the shop like anybody else."""
