// Tooltips, loaded by every page (core/web/first_page.py). data-tip has the text, data-def marks an
// element that contains it (<span class="def">). They open on hover, tap and focus, and close on
// Escape. In a table whose columns are defined they link to the definition. Truncated text (class
// "cut", or in a list of the admin) is shown in full. A tap on a mark of a chart shows the text of
// the chart's own tooltip, which only opens on hover.
(() => {
  const CUT = '.cut,[class*=st-key-line_] [data-testid=stText]>span>span';
  const SEL = `[data-tip],[data-def],${CUT}`;
  const made = document.createElement('span');
  made.className = 'tip';
  made.id = 'tip';
  made.setAttribute('role', 'tooltip');
  let owner = null; // the element of the open tooltip
  let shown = null;
  let focused = false; // it was opened by the focus
  let timer = 0;
  let touched = false; // the last press was by a finger
  let pointer = ''; // where it is
  let dismissed = ''; // where it was when Escape closed a tooltip

  // A mark's tooltip as stored by Vega: texts by title.
  const ofMark = (target) => {
    const told = target.__data__?.tooltip;
    return told && typeof told === 'object' ? told : null;
  };

  // The last link in the definition of a cell's column is its place in About.
  function column(target) {
    if (!target.matches('tbody td')) return '';
    const head = target.closest('table').tHead.rows;
    const link = head[head.length - 1].cells[target.cellIndex]?.querySelector('.def a');
    return link ? link.hash.slice(1) : '';
  }

  function content(target) {
    if ('def' in target.dataset) return target.querySelector('.def');
    const mark = ofMark(target);
    if (mark) {
      made.textContent = Object.entries(mark).map((one) => one.join(': ')).join('\n');
      document.body.append(made); // the chart may be replaced by what the tap does
      return made;
    }
    const cut = target.matches(CUT) &&
      (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight + 2);
    const tip = target.dataset.tip ?? target.parentElement.closest('[data-tip]')?.dataset.tip;
    const text = [cut ? target.textContent : '', tip].filter(Boolean).join('\n');
    if (!text) return null;
    made.textContent = text;
    const about = column(target);
    if (about) {
      const more = document.createElement('a');
      more.href = `./about#${about}`;
      more.dataset.go = 'tip-about';
      more.textContent = 'More in About';
      made.append(more);
    }
    (target.matches('a') ? target.parentElement : target).append(made); // no link in a link
    return made;
  }

  function open(target, byFocus = false) {
    clearTimeout(timer);
    if (target === owner) return;
    close();
    shown = content(target);
    if (!shown) return;
    owner = target;
    focused = byFocus;
    if (shown === made) target.setAttribute('aria-describedby', 'tip');
    shown.popover = 'manual'; // above everything, even when something scrolls
    shown.showPopover();
    place(target.getBoundingClientRect(), shown.getBoundingClientRect());
  }

  function place(at, box) {
    const below = at.bottom + 4 + box.height <= innerHeight;
    shown.style.top = `${below ? at.bottom + 4 : Math.max(4, at.top - 4 - box.height)}px`;
    shown.style.left = `${Math.max(4, Math.min(at.left, innerWidth - box.width - 12))}px`;
  }

  function close() {
    clearTimeout(timer);
    if (!shown) return;
    if (shown === made) {
      owner.removeAttribute('aria-describedby');
      made.remove();
    } else if (shown.isConnected) shown.hidePopover();
    owner = shown = null;
    focused = false;
  }

  const of = (event) => event.target.closest?.(SEL) ?? (touched && ofMark(event.target) ? event.target : null);
  const soon = (act, ms) => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
  document.addEventListener('pointerdown', (event) => {
    touched = event.pointerType === 'touch';
  }, true);
  const position = (event) => `${event.clientX} ${event.clientY}`;
  document.addEventListener('pointermove', (event) => {
    pointer = position(event);
  }, { capture: true, passive: true });
  document.addEventListener('pointerover', (event) => {
    // The browser also sends this when the page moves or is redrawn below a pointer that rests.
    const rests = position(event) === pointer;
    if (event.pointerType === 'touch' || position(event) === dismissed || (rests && focused)) return;
    dismissed = '';
    const target = of(event);
    if (target && !shown?.contains(event.target)) soon(() => open(target), 150);
    else if (shown?.contains(event.target)) clearTimeout(timer);
    else if (shown) soon(close, 200);
  });
  document.addEventListener('focusin', (event) => {
    if (shown?.contains(event.target)) return;
    const target = of(event);
    if (target && event.target.matches(':focus-visible')) open(target, true);
    else close();
  });
  document.addEventListener('click', (event) => {
    // A tap on a tooltip closes it; a link in it is followed.
    const target = shown?.contains(event.target) ? null : of(event);
    if (target && target !== owner && !event.target.closest('a[href]')) open(target);
    else setTimeout(close); // a removed link could not be followed
  });
  const follow = () => {
    if (shown?.isConnected && owner.isConnected)
      place(owner.getBoundingClientRect(), shown.getBoundingClientRect());
    else close();
  };
  document.addEventListener('scroll', follow, { capture: true, passive: true });

  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    dismissed = pointer;
    close();
  });
})();
