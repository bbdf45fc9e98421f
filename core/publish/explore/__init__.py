"""The charts of the Explore section as Vega-Lite, each with its data as a table. Pure."""
