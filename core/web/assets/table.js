// The board's table, loaded by every page (core/web/first_page.py): its cells are one tab stop, and
// arrow keys move between them. Streamlit replaces the whole table when anything in it changes, even
// by somebody else's act: the focus and the scroll position stay.
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
    held = target.closest?.('.mvb .frame') ? { target, go, column } : null;
  });
  // A press elsewhere leaves the table, even if nothing else takes the focus.
  addEventListener('pointerdown', () => { held = null; }, { passive: true, capture: true });
  function keepFocus() {
    if (!held || held.target.isConnected || document.activeElement !== document.body) return;
    const link = held.go && find(`.mvb a[data-go="${CSS.escape(held.go)}"]`);
    const there = link && held.column !== undefined
      ? link.closest('tr').cells[held.column] : link;
    focus(there || frame, { preventScroll: true }); // the model may be gone
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

  new MutationObserver(() => {
    const now = find('.mvb .frame');
    if (!now) return;
    keepScroll(now);
    keepFocus();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
