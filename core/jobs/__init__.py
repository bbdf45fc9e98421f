"""Evaluations as processes of their own, on this machine or a Dask cluster."""
