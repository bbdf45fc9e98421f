"""The fields that describe a model as they are asked, in the order in which they are asked."""

from typing import Final

WEIGHTS: Final = {"open": "Open", "closed": "Closed"}
TRAINED: Final = {"yes": "Yes", "no": "No", "unknown": "Not known"}
TRAINED_QUESTION: Final = "Was any of the eight source datasets in the training data?"
