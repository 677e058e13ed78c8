"""Service `catalog`: categories, products, offers."""
