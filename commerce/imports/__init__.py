"""Service `imports`: order history from files."""
