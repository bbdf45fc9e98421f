"""What the charts share: colours, the axis of values, and names that stand above their marks.

Okabe-Ito colours, at least 3:1 on either theme's background. Texts take the colour of the
page's text.
"""

from typing import Any, Final

import altair as alt

BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"
GREY: Final = "#8A8A8A"
INK: Final = "currentColor"  # the theme's text colour; its own axis colours are too pale for AA
AXIS_ROOM: Final = 60  # px: an axis of values and its title; a chart's height holds them too
_NAME_WIDTH: Final = 560  # px


def values(title: str, **more: Any) -> alt.Axis:
    """The axis of what is measured."""
    return alt.Axis(labelColor=INK, titleColor=INK, title=title, **more)


def names(above: int, **more: Any) -> alt.Axis:
    """The axis of what is compared: each name `above` px over its mark, none left out."""
    return alt.Axis(
        labelAlign="left",
        labelOffset=-above,
        labelPadding=0,
        labelColor=INK,
        labelLimit=_NAME_WIDTH,
        labelOverlap=False,
        domain=False,
        ticks=False,
        **more,
    )
