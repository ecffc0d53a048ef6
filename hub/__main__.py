"""`python -m hub`, the same as the installed `hub` command."""

from hub.command import main

main()
