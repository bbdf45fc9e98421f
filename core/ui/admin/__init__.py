"""The admin page, a module for each tab and kind of act."""
