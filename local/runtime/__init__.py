"""The local Lambda runtime: uploaded code and layers run in isolated processes of AWS's own `awslambdaric`.

`pool.Runtimes` is the front door. It unpacks a deployment's archives once (`archive`), gives each environment
a process (`environment`, `bootstrap`, `environ`, `libraries`) and a Runtime API (`exchange`, `runtime_api`),
and keeps it warm. Errors that no handler reports are in `outcome`, the lines that Lambda writes around
an invocation in `platform_log`.

Where this differs from Lambda: `/var/task`, `/opt` and `/tmp` are folders of this machine
(`LAMBDA_TASK_ROOT`, entries of `sys.path`, `TMPDIR`); memory is told and measured, not limited; environments
are not frozen between invocations; an initialisation that takes over 10 s goes on within the function's own
timeout instead of starting over; one that fails is reported at once instead of being tried a second time. The
process has the rights of the user who started it: what it runs is isolated from our Python environment, not
from the machine.
"""
