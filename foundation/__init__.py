"""Ground floor: what every service shares and that knows no shop and no model.

Never here: anything that would need a word of the shop or of machine learning to explain.
"""
