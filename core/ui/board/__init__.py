"""The boards' controls, captions and exports."""
