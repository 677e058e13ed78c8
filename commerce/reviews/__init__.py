"""Service `reviews`: what buyers say of what they received; questions and answers."""
