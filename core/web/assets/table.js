// The board's table, loaded by every page (core/web/first_page.py): its cells are one tab stop, and
// arrow keys move between them. Streamlit replaces the whole table when anything in it changes, even
// by somebody else's act: the focus, the scroll position and an open list of metrics stay.
(() => {
  const CELL = '.mvb tbody :is(td,th)';
  const find = (selector) => document.querySelector(`#root ${selector}`);

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener('keydown', (event) => {
    const cell = event.target.closest?.(CELL);
    if (!STEPS[event.key] || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const [down, right] = STEPS[event.key];
    const rows = [...cell.closest('tbody').rows];
    const row = rows[rows.indexOf(cell.parentElement) + down];
    const next = row?.cells[cell.cellIndex + right];
    if (!next) return;
    event.preventDefault();
    focus(next.querySelector('a.nm') ?? next);
  });
  function focus(target, options) {
    if (target.matches('td,th')) target.tabIndex = -1;
    target.focus(options);
  }

  // What has the focus: a link by its name, a cell by its column and the link of its row.
  let held = null;
  document.addEventListener('focusin', ({ target }) => {
    const row = target.closest?.(CELL)?.parentElement;
    const go = target.dataset.go ?? row?.querySelector('.nm')?.dataset.go;
    const column = target.dataset.go ? undefined : target.cellIndex;
    const pick = Boolean(target.closest?.('.mvb .pick'));
    held = pick || target.closest?.('.mvb .frame') ? { target, go, column, pick } : null;
  });
  // A press elsewhere leaves the table, even if nothing else takes the focus.
  addEventListener('pointerdown', () => { held = null; }, { passive: true, capture: true });
  function keepFocus() {
    if (!held || held.target.isConnected || document.activeElement !== document.body) return;
    const link = held.go && find(`.mvb a[data-go="${CSS.escape(held.go)}"]`);
    const there = link && held.column !== undefined
      ? link.closest('tr').cells[held.column] : link;
    const summary = held.pick && !(menu && link) && find('.mvb .pick summary');
    focus(summary || there || frame, { preventScroll: true }); // the model may be gone
  }

  let frame = null;
  let at = null; // how far it was scrolled, in which list
  const list = () => {
    const asked = new URLSearchParams(location.search);
    return ['board', 'sort', 'search', 'as_of'].map((name) => asked.get(name)).join();
  };
  document.addEventListener('scroll', ({ target }) => {
    if (target === frame) at = { left: frame.scrollLeft, top: frame.scrollTop, list: list() };
  }, { capture: true, passive: true });
  function keepScroll(now) {
    if (now === frame) return;
    frame = now;
    if (!at) return;
    frame.scrollLeft = at.left;
    if (at.list === list()) frame.scrollTop = at.top;
  }

  let menu = null; // the open list of metrics, on a phone
  document.addEventListener('toggle', ({ target }) => {
    if (target.matches('.mvb .pick') && target.isConnected) menu = target.open ? target : null;
  }, { capture: true });
  addEventListener('click', ({ target }) => { // a choice closes it
    if (target.closest?.('.mvb .pick a')) menu = null;
  }, { capture: true });
  function keepMenu() {
    if (!menu || menu.isConnected) return;
    menu = find('.mvb .pick');
    if (menu) menu.open = true;
  }

  new MutationObserver(() => {
    const now = find('.mvb .frame');
    if (!now) return;
    keepMenu();
    keepScroll(now);
    keepFocus();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
