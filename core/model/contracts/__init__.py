"""The interface between core and evaluation, defined once for the writing and the reading side:
files, lines of output and exit statuses. Imports data libraries only."""
