"""Dashboards: pictures over the marts of the warehouse. Not here: business rules, raw tables, writes."""
