"""Shared by the charts: colours, and the height of a value axis.

Okabe-Ito colours, with a contrast of at least 3:1 on both themes' backgrounds. Text has the
colour of the page's text.
"""

from typing import Final

BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"
INK: Final = "currentColor"  # the theme's text colour; its own axis colours are too pale for AA
AXIS_ROOM: Final = 60  # px: a value axis and its title, which are part of a chart's height
