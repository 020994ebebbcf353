"""A small world to deploy to: the project's own program and components, a tiny lock and service, an AWS.

One deployment takes seconds, so that tests can afford hundreds of them. What is small is the content alone:
the engine, the provider, the program and the functions run in processes of their own, as they do for users.
"""
