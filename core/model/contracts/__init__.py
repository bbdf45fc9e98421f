"""What core and evaluation tell each other, defined once for the side that writes it and the side
that reads it: files, lines of output and exit statuses. Imports data libraries only."""
