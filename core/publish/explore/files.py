"""A chart as a file: a picture (PNG, SVG) or its data (CSV). Made on this machine, offline."""

import csv
import io
import json
from typing import Any, Final

from core.publish.chart_axes import INK
from core.publish.explore import marks
from core.publish.explore.marks import Data, Spec
from core.publish.exports import CSV_SOURCE, csv_source
from core.publish.moment import Moment
from core.publish.text import CSV_ENCODING, csv_cell

_WIDTH: Final = 900  # px
_INK: Final = "#101923"
_TITLE: Final = {"anchor": "start", "color": _INK, "fontSize": 15, "subtitleColor": _INK}


def png(spec: Spec, title: str, subtitle: str = "", scale: float = 2) -> bytes:
    """The chart on white, `scale` times its size in px."""
    import vl_convert  # here: only who downloads a picture needs it

    found: bytes = vl_convert.vegalite_to_png(
        printed(spec, title, subtitle), scale=scale, allowed_base_urls=[]
    )
    return found


def svg(spec: Spec, title: str, subtitle: str = "") -> bytes:
    """The chart on white, as vectors."""
    import vl_convert

    found: str = vl_convert.vegalite_to_svg(printed(spec, title, subtitle), allowed_base_urls=[])
    return found.encode()


def csv_file(data: Data, at: Moment, url: str) -> bytes:
    """The chart's data, with what every CSV says of its board (core.publish.exports); an undefined
    cell is empty, a text can be no formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    source = csv_source(at, url)
    writer.writerow([*data.columns, *CSV_SOURCE])
    for row in data.rows:
        cells = ("" if c is None else csv_cell(c) if isinstance(c, str) else c for c in row)
        writer.writerow([*cells, *source])
    return out.getvalue().encode(CSV_ENCODING)


def printed(spec: Spec, title: str, subtitle: str = "") -> Spec:
    """A chart that stands alone: its width, a title, a background, ink instead of the theme's
    colours, and nothing to click."""
    alone: dict[str, Any] = json.loads(json.dumps(spec).replace(f'"{INK}"', f'"{_INK}"'))
    alone["width"] = _WIDTH
    alone["background"] = "white"
    alone["padding"] = 16
    alone["title"] = {"text": title, **_TITLE, **({"subtitle": subtitle} if subtitle else {})}
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
