"""Service `risk`: decisions kept with orders, and labels."""
