"""Demand: weekly quantile forecasts by product and category, their back-test, gate and bundle."""
