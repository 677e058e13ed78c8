"""Ingest: the closed-set extract from commerce into the warehouse and the lake. Plain functions; no Dagster here."""
