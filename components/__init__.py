"""The Pulumi components: artifacts bucket, layer, function, release, HTTP API, queue worker, schedule.

No file with a component in it postpones its annotations (`from __future__ import annotations`): Pulumi's
analyzer (`pulumi.provider.experimental.analyzer`) infers the components' schema from the types themselves.
The arguments are typed dictionaries because that is what a Pulumi component provider hands over.
"""
