"""Features declared once: compiled to point-in-time SQL for training and to an online fold for serving."""
