"""The tree of a layer: its files, its identity, its zip and its manifests."""
