"""Service `currencies`: dated rates, to show about what taka are worth elsewhere."""
