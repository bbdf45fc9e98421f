// Part of the first answer, before the board (core/web/first_page.py): the theme that the reader
// chose, as stored by Streamlit. A script after the board may run only after its first paint.
try {
  const chosen = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`));
  if (chosen === 'Light' || chosen === 'Dark')
    document.documentElement.style.colorScheme = chosen.toLowerCase();
} catch { /* no storage: the system's theme */ }
