"""Service `cart`: what a shopper has put aside."""
