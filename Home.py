"""Entry point of the app: page configuration and navigation."""

import streamlit as st

from core.benchmark import ISSUES_URL, LINKS
from core.ui import navigation

st.set_page_config(
    layout="wide",
    # The menu, which also has the choice of light or dark.
    menu_items={"Get help": LINKS["Project page"], "Report a bug": ISSUES_URL},
)
navigation.run()
