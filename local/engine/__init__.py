"""A small Pulumi engine over the resource monitor's and the providers' protocols, for where there is none."""
