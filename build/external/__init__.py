"""The builder as the program of Terraform's `external` data source.

One JSON object of strings comes on stdin, one goes to stdout (Terraform Registry, hashicorp/external, data
source `external`, "External Program Protocol"); faults go to stderr with an exit code that is not 0. It is a
read: the same query leaves the same files, and the same object in the bucket, however often and in how many
processes it is asked.
"""
