"""The components as a Pulumi package: what gives them to programs in every language that Pulumi knows.

Pulumi's engine runs `python <this folder> ENGINE`, talks to the port that is printed (provider.proto, GetSchema
and Construct), and installs `requirements.txt` beforehand. `schema.json` is what programs are checked against;
`python -m plugin` announces a change of it.
"""
