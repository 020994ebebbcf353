"""What the command lines have in common; those of build/ keep their own, being a wheel by themselves."""
