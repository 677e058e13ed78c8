"""Service `sellers`: the companies that sell."""
