"""A stand-in for Pulumi's AWS provider: its gRPC protocol for the AWS types that the stack uses, over boto3.

What it does follows Pulumi's AWS provider 7 (a bridge over the Terraform AWS provider 6): the same names,
replacements, unknown outputs, order of calls and error texts. It only works against a local endpoint.
"""
