"""`python -m getit` is `getit`."""

from getit.command import main

main()
