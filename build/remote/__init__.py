"""A cache in a bucket: finished layers by what they are made from, and wheels by their SHA-256.

Whom one trusts: whoever may write below the bucket's prefix. What comes back is verified even so:

- A wheel is used only if its bytes have the SHA-256 that the lock or its index tells.
- A layer's manifest is used only if it is for the very lock, target, options and name that were asked for,
  and if every wheel that it lists is one whose hash the lock names (where the lock names hashes).
- A layer's zip is used only if its bytes have the SHA-256 that the manifest tells, if the content of its
  files gives the digest again, and if it is byte for byte what Lamina writes around them.

What is left to trust is that a layer's files are those of the wheels that its manifest lists: without the
wheels nobody can tell. A writer of the bucket could therefore put other files under a digest of their own,
though never under one that is known; who compares the digests of two builds sees it. Where not all writers
are trusted, let only the main branch's runs write, and all others read (`--remote-read-only`).

Objects that are refused are told, built here, and put again by whoever may write.
"""
