"""Fraud: the checkout model, its calibration, costs, reasons and the rules that stand in for it."""
