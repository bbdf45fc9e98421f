"""The caption judge: a language model grades captions on five aspects, 1 to 5."""
