"""The page that compares two to four models: which, their values, each pair, the chart."""
