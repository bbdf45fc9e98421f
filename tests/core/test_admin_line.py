"""A line of the admin's list as markup."""

from core.publish.facts import Line, line_html

LINE = Line(
    rank="3",
    name="<b>Model</b>",
    team="Lab & Co",
    badges=[("stale", "warn"), ("demo", "")],
    average="avg 2.50",
    coverage="covers 97 %",
    judge="judged",
    tries="1 try",
    contact='"><script>alert(1)</script>',
    date="1 May 2026",
)


def test_other_people_s_text_is_escaped() -> None:
    found = line_html(LINE)
    assert "&lt;b&gt;Model&lt;/b&gt;" in found
    assert "Lab &amp; Co" in found
    assert "<script" not in found
    assert '<span class="badge warn">stale</span>' in found


def test_what_is_not_known_is_a_dash() -> None:
    found = line_html(LINE._replace(rank="", average=""))
    assert '<span class="rank">—</span>' in found
    assert '<span class="average">—</span>' in found
