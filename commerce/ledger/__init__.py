"""Service `ledger`: double-entry accounts."""
