"""Service `search`: finding products by words."""
