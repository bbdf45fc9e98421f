// Part of the first answer, after the board (core/web/first_page.py), which it removes
// once Streamlit's page is drawn. It runs before anything of Streamlit is loaded.
(() => {
  const early = document.getElementById('early');
  const root = document.getElementById('root');
  const find = (selector) => root.querySelector(selector);

  // Streamlit's scripts would compete with the board for the processor: they wait for its paint.
  const later = JSON.parse(document.getElementById('later').textContent);
  const load = () => {
    for (const { tag, ...attributes } of later.splice(0)) {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      document.head.append(element);
    }
  };
  if (document.hidden) load(); // nothing is painted
  new PerformanceObserver(load).observe({ type: 'paint', buffered: true });
  setTimeout(load, 500); // for browsers that do not report it

  // The rows below the first screen are laid out when they are needed.
  const unfold = () => early.classList.add('whole');
  early.addEventListener('scroll', unfold, { capture: true, once: true });
  setTimeout(unfold, 5000);

  const frame = early.querySelector('.mvb .frame');
  const rows = early.querySelectorAll('tbody tr').length;
  // The first rows (core/ui/board/section.py), unless the reader has scrolled further down.
  const first = early.querySelectorAll('tbody:first-of-type tr').length;
  const enough = () => (frame.scrollTop ? rows : first);
  const count = () => root.querySelectorAll('.mvb tbody tr').length;
  let connected = 0; // when Streamlit's page was first seen at work
  function ready() {
    const app = find('[data-testid=stApp]');
    if (app?.dataset.testConnectionState !== 'CONNECTED') return false;
    connected ||= performance.now();
    if (find('.st-key-board_controls [data-testid=stButtonGroup]') && count() >= enough()) return true;
    const done = app.dataset.testScriptState === 'notRunning';
    if (done && (count() || find('[data-testid=stAlert]'))) return true;
    return performance.now() - connected > 15000;
  }

  function swap() {
    observer.disconnect();
    clearInterval(timer);
    const href = early.contains(document.activeElement) && document.activeElement.getAttribute('href');
    const { scrollTop } = early;
    const at = [frame.scrollTop, frame.scrollLeft];
    early.remove();
    const main = find('[data-testid=stMain]');
    if (main) main.scrollTop = scrollTop;
    const table = find('.mvb .frame');
    if (table) [table.scrollTop, table.scrollLeft] = at;
    if (href) find(`a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
  }
  let due = false;
  const look = () => {
    due = false;
    if (early.isConnected && ready()) swap();
  };
  const observer = new MutationObserver(() => {
    if (due) return;
    due = true;
    if (document.hidden) look();
    else requestAnimationFrame(look);
  });
  observer.observe(root, {
    childList: true, subtree: true, attributes: true,
    attributeFilter: ['data-test-script-state', 'data-test-connection-state'],
  });
  const timer = setInterval(look, 1000);
})();
