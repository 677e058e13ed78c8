"""Service `shipping`: parcels, couriers, promised days, cash that couriers bring."""
