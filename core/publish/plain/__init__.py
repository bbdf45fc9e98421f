"""Boards and models as plain pages: complete, without scripts. Pure."""
