"""A cache in a bucket: finished layers by what they are made from, and wheels by their SHA-256."""
