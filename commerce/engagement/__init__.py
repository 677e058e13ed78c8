"""Service `engagement`: what brings people back: wishlist, shops they follow, what they looked at, coins, talk with sellers."""
