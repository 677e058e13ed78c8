"""Service `payouts`: what sellers have earned is sent to them, by two people and a bank."""
