"""Our Lambda service: `service.LambdaService` is the front door, a WSGI application over an in-memory store.

A request's way: `protocol` finds the operation in the SDK's own description of the service and reads its
parameters, `constraints` checks them, and the operation's function in the file of its noun (`layers`,
`functions`, `versions`, `aliases`, ...) does the work on a `store.Region`. A parameter that such a function
does not have is an error that names it. `invocation` runs functions through `local.runtime`; `asynchronous`
and `polling` do so on behalf of events and queues.
"""
