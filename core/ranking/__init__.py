"""Who ranks where: average rank, what counts, the place a row would take. Pure."""
