"""`python -m kefu` is the command `kefu`."""

from kefu.cli.main import main

main()
