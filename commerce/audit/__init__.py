"""Service `audit`: who did what, so that nobody can change it unseen."""
