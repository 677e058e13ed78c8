"""Service `payments`: taking and returning money."""
