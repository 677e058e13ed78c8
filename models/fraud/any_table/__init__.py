"""Fraud learned from any labelled table: a mapping says what its columns mean. Not here: the shop's own fraud model."""
