"""The charts of the Explore section as Vega-Lite, with their data as tables. Pure."""
