"""Serving: answers over HTTP from published bundles and online features. No training, no MLflow, no Dagster."""
