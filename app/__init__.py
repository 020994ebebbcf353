"""The sample service that the stack deploys: an HTTP API, a queue worker and a scheduled cleanup."""
