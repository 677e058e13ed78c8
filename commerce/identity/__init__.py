"""Service `identity`: people, credentials, log-in."""
