"""What `pulumi preview --json` says, as a comment that a reviewer of a pull request reads in ten seconds."""
