"""`python -m wearwhy` is the command line."""

from wearwhy.cli import main

if __name__ == "__main__":
    main(prog_name="wearwhy")
