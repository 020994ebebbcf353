"""What was changed outside of a stack, told in sentences from what a Pulumi preview knows of it."""
