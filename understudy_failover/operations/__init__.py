"""What an operator does with a deployment: the same against AWS and against the embedded AWS."""
