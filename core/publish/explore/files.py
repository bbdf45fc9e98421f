"""A chart as a file: a picture (PNG, SVG) or its data (CSV). Made locally, offline."""

import csv
import io
import json
import textwrap
from typing import Any, Final

from core.publish.chart_axes import INK
from core.publish.explore import marks
from core.publish.explore.marks import Data, Spec
from core.publish.exports import CSV_SOURCE, csv_source
from core.publish.moment import Moment
from core.publish.text import CSV_ENCODING, csv_cell

_WIDTH: Final = 900  # px
_INK: Final = "#101923"
_TITLE_LINE: Final = 95  # characters that always fit the width
_SUBTITLE_LINE: Final = 140
_TITLE: Final = {"anchor": "start", "color": _INK, "fontSize": 15, "subtitleColor": _INK}


def png(spec: Spec, title: str, subtitle: str = "", scale: float = 2) -> bytes:
    """The chart on a white background, at `scale` times its size in px."""
    import vl_convert  # here: needed only for downloads of pictures

    found: bytes = vl_convert.vegalite_to_png(
        printed(spec, title, subtitle), scale=scale, allowed_base_urls=[]
    )
    return found


def svg(spec: Spec, title: str, subtitle: str = "") -> bytes:
    """The chart on a white background, as SVG."""
    import vl_convert

    found: str = vl_convert.vegalite_to_svg(printed(spec, title, subtitle), allowed_base_urls=[])
    return found.encode()


def csv_file(data: Data, at: Moment, url: str) -> bytes:
    """The chart's data, with the board's columns of every CSV (core.publish.exports); undefined
    cells are empty, text cells cannot be formulas."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    source = csv_source(at, url)
    writer.writerow([*data.columns, *CSV_SOURCE])
    for row in data.rows:
        cells = ("" if c is None else csv_cell(c) if isinstance(c, str) else c for c in row)
        writer.writerow([*cells, *source])
    return out.getvalue().encode(CSV_ENCODING)


def printed(spec: Spec, title: str, subtitle: str = "") -> Spec:
    """A self-contained chart: fixed width, title, background, black instead of the theme's
    text colour, not interactive."""
    alone: dict[str, Any] = json.loads(json.dumps(spec).replace(f'"{INK}"', f'"{_INK}"'))
    alone["width"] = _WIDTH
    alone["background"] = "white"
    alone["padding"] = 16
    alone["title"] = {"text": textwrap.wrap(title, _TITLE_LINE), **_TITLE}
    if subtitle:
        alone["title"]["subtitle"] = textwrap.wrap(subtitle, _SUBTITLE_LINE)
    alone["params"] = [
        {"name": "narrow", "value": False} if param == marks.NARROW else param
        for param in alone["params"]
    ]
    named = alone.pop("usermeta")["coloured"]
    for layer in alone["layer"]:
        layer.pop("params", None)
        colour = layer["encoding"].get("color")
        if named and isinstance(colour, dict) and colour.get("field") == "slot":
            colour["legend"] = {
                "title": None, "orient": "top", "columns": 2, "labelLimit": 400,
                "symbolOpacity": 1, "symbolType": "circle",
                "values": sorted(map(int, named)),
                "labelExpr": f"({json.dumps(named)})[datum.label]",
            }  # fmt: skip
    return alone
