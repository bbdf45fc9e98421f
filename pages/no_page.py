"""The page for unknown addresses, with links to the existing pages."""

from pathlib import Path

import streamlit as st

from core.ui.frame import page_header

page_header("No such page", "The link may be cut off or mistyped. Nothing is lost.")
asked = st.query_params.get("address")
if asked:
    st.text(f"There is no page at {asked}")
# Page objects instead of paths, which are only looked up among the pages of Home.py.
HERE = Path(__file__).parent
board = st.Page(HERE / "leaderboard.py", default=True)
st.page_link(board, label="To the leaderboard", icon=":material/leaderboard:")
st.page_link(st.Page(HERE / "submit.py"), label="Submit predictions", icon=":material/upload:")
st.page_link(st.Page(HERE / "owner.py"), label="My submissions", icon=":material/key:")
