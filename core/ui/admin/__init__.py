"""The admin page: one module per tab and kind of act."""
