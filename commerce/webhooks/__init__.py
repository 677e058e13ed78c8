"""Service `webhooks`: sellers' own systems hear of what concerns them, signed, at least once."""
