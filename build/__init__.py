"""From a lock file to a reproducible, content-addressed layer.zip; knows nothing of Pulumi."""
