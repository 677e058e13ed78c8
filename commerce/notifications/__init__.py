"""Service `notifications`: what people are told, in their language, on the channels they chose, when they are awake."""
