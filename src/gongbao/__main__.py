"""`python -m gongbao` is the command line."""

from gongbao.cli import main

main()
