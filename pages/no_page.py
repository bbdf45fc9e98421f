"""For addresses that are no page's: says so, and leads to the pages that there are."""

import streamlit as st

from core.ui.frame import page_header

page_header("No such page", "The link may be cut off or mistyped. Nothing is lost by this.")
asked = st.query_params.get("address")
if asked:
    st.text(f"There is no page at {asked}")
st.page_link("pages/leaderboard.py", label="To the leaderboard", icon=":material/leaderboard:")
st.page_link("pages/submit.py", label="Submit predictions", icon=":material/upload:")
st.page_link("pages/owner.py", label="My submissions", icon=":material/key:")
