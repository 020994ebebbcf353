"""The way over from Terraform: which resource of a state is which of the program's, and what is left over."""
