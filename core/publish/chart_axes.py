"""Shared by the charts: colours, the value axis, and an axis with names above the marks.

Okabe-Ito colours, with a contrast of at least 3:1 on both themes' backgrounds. Text has the
colour of the page's text.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # takes half a second, before which a server could not report a wrong setting
    import altair as alt

BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"
GREY: Final = "#8A8A8A"
INK: Final = "currentColor"  # the theme's text colour; its own axis colours are too pale for AA
AXIS_ROOM: Final = 60  # px: a value axis and its title, which are part of a chart's height
_NAME_WIDTH: Final = 560  # px


def values(title: str, **more: Any) -> "alt.Axis":
    """The axis of values."""
    import altair as alt

    return alt.Axis(labelColor=INK, titleColor=INK, title=title, **more)


def names(above: int, **more: Any) -> "alt.Axis":
    """The axis of names: each `above` px above its mark, none left out."""
    import altair as alt

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
