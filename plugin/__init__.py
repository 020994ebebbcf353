"""The components as a Pulumi package: what gives them to programs in every language that Pulumi knows.

Pulumi's engine installs `requirements.txt`, runs `python <this folder> ENGINE`, and talks to the port that is
printed (provider.proto, GetSchema and Construct). `schema.json` is what programs are checked against; `make
schema` brings it up to date.
"""
