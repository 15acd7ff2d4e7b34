"""`python -m wearwhy` is the command line."""

if __name__ == "__main__":
    try:
        from wearwhy.cli import main
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    main(prog_name="wearwhy")
