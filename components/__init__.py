"""The Pulumi components: artifacts bucket, layer, function, release, HTTP API, queue worker, schedule."""
