"""`python -m evaluation.demo FOLDER [--seed N]` makes the synthetic benchmark."""

import sys

from evaluation.demo.benchmark import main

if __name__ == "__main__":
    sys.exit(main())
