"""The stand-ins for AWS and Pulumi that `make up` and the tests run on; nothing of the product needs them."""
