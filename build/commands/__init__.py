"""The commands of the command line, a file each; `cli` loads the one that is asked for."""
