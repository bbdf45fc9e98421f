"""Plausible but wrong answers: with the wrong format, a right answer scores nothing."""
