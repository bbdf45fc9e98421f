"""Boards and models as plain pages: complete, without JavaScript. Pure."""
