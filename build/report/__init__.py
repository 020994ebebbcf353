"""Reports: what is in a layer, and how two of them differ, for people and for tools."""
