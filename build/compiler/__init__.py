"""What runs in the functions' own Python: sources become bytecode, the same bytes on every machine."""
