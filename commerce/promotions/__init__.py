"""Service `promotions`: vouchers."""
