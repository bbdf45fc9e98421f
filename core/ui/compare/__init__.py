"""The page that compares two to four models: choice, values, pairs, chart."""
