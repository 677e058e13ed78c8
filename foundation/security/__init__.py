"""Security primitives: keys, tokens, passwords, encrypted fields. Not here: who may do what in the shop."""
