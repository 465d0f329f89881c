"""`python -m bhyt_filedrop`: the same as the command `bhyt-filedrop`."""

from bhyt_filedrop.cli import main

if __name__ == "__main__":
    main()
