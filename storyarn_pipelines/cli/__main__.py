"""`python -m storyarn_pipelines.cli` is `storyarn`."""

from storyarn_pipelines.cli import main

if __name__ == "__main__":
    main()
