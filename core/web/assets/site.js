// Links that keep the session, and helpers for pages; loaded by every page (core/web/first_page.py).
// Usage: docs/architecture.md, "Links that keep the session".
(() => {
  window.siteScript = true;
  const tops = new Map(); // scroll positions by address
  let here = location.href;
  let wanted = null; // what to do once the new view is drawn
  const scroller = () => document.querySelector('[data-testid=stMain]');
  const title = () => document.querySelector('h1');
  const remember = () => tops.set(here, scroller()?.scrollTop);
  const place = (href) => new URL(href).pathname;
  const connected = () =>
    document.querySelector('[data-testid=stApp]')?.dataset.testConnectionState === 'CONNECTED';

  // For each address that Python changes, Streamlit adds a step to the history. Going back to it
  // has no effect, since Python changes it again. So only links that a reader follows add a step.
  const put = (change) => (state, unused, url) => {
    change.call(history, state, unused, url);
    here = location.href;
    catchUp();
  };
  const push = put(history.pushState);
  const replace = put(history.replaceState);
  history.replaceState = replace;
  history.pushState = (state, unused, url) => {
    const same = url && place(new URL(url, location.href)) === location.pathname;
    (same ? replace : push)(state, unused, url);
  };

  document.addEventListener('click', (event) => {
    closePhoneMenu(event);
    remember();
    const link = event.target.closest?.('a[data-go]');
    if (!link || event.defaultPrevented || event.button) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!connected() || link.origin !== location.origin) return; // an ordinary link
    event.preventDefault();
    const from = location.pathname;
    complete(link);
    if (link.href !== location.href) push({}, '', link.href);
    runPage(link.dataset.set?.split(' ') ?? null);
    arrive({
      id: decodeURIComponent(link.hash.slice(1)),
      go: link.dataset.go,
      turned: from !== location.pathname || 'top' in link.dataset,
    });
  });

  // Run the page with the address of now. What was chosen just before may be on its way: then Python
  // changes the address after this run was asked for, and the page would stay as it was. So it runs
  // once more. Of the address asked for, the parameters `set` stay as they were; null: all do.
  let asked = null;
  const run = () => dispatchEvent(new PopStateEvent('popstate', { state: { followed: true } }));
  function runPage(set) {
    asked = { search: location.search, set };
    run();
  }
  function catchUp() {
    if (!asked || location.search === asked.search) return;
    const { search, set } = asked;
    asked = null;
    const wanted = new URLSearchParams(search);
    const found = new URLSearchParams(location.search);
    for (const name of set ?? []) setAll(found, name, wanted.getAll(name));
    const query = set ? `?${found}` : search;
    if (query !== location.search) replace({}, '', location.pathname + query + location.hash);
    setTimeout(run);
  }
  function setAll(parameters, name, values) {
    parameters.delete(name);
    for (const value of values) parameters.append(name, value);
  }
  let acted = -Infinity;
  for (const kind of ['keydown', 'pointerdown', 'click', 'input', 'change'])
    addEventListener(kind, () => {
      acted = performance.now();
      asked = null; // what Python changes from here on may be for this
    }, { passive: true, capture: true });

  // A link with data-set="a b" changes these parameters of the address, and no others.
  function complete(link) {
    if (!('set' in (link?.dataset ?? {}))) return;
    const wanted = new URL(link.href).searchParams;
    const found = new URLSearchParams(location.search);
    for (const name of link.dataset.set.split(' ')) {
      const values = toggled(link.dataset.toggle, found.getAll(name)) ?? wanted.getAll(name);
      setAll(found, name, values);
    }
    link.href = `${location.pathname}?${found}${new URL(link.href).hash}`;
  }
  // With data-toggle="value" too, the value is added to the parameter's list or removed from it;
  // "-" keeps the position of a removed one.
  function toggled(value, list) {
    if (value === undefined) return null;
    const there = list.indexOf(value);
    const free = list.indexOf('-');
    if (there >= 0) list[there] = '-';
    else if (free >= 0) list[free] = value;
    else list.push(value);
    while (list.at(-1) === '-') list.pop();
    return list;
  }
  // Before the browser opens it elsewhere, too.
  addEventListener('pointerdown', (event) => complete(event.target.closest?.('a[data-go]')));

  addEventListener('popstate', (event) => {
    const from = place(here);
    if (event.state?.followed) return;
    remember();
    here = location.href;
    asked = { search: location.search, set: null };
    arrive({ top: tops.get(here) ?? 0, turned: from !== location.pathname });
  });

  // Streamlit draws piece by piece: after each piece, check for the wanted element.
  const observer = new MutationObserver(() => settle());
  let since = 0;
  function arrive(asked) {
    wanted = { ...asked, title: title()?.textContent };
    since = performance.now();
    observer.observe(document.body, { childList: true, subtree: true });
    settle();
  }

  function settle() {
    const waits = wanted?.turned && !wanted.titled; // a busy server's page may come late
    if (!wanted || performance.now() - since > (waits ? 120000 : 10000)) return done();
    const { id, go, top, turned } = wanted;
    if (turned && !wanted.titled) {
      const drawn = title();
      if (!drawn || drawn.textContent === wanted.title) return; // the new page is not there yet
      wanted.titled = true;
      since = performance.now();
      drawn.tabIndex = -1; // screen readers and Tab continue from there
      drawn.style.outline = 'none';
      drawn.focus({ preventScroll: true });
      if (!id && scroller()) scroller().scrollTop = 0;
    }
    if (id) document.getElementById(id)?.scrollIntoView();
    else if (top !== undefined && scroller()) scroller().scrollTop = top;
    if (turned || document.activeElement !== document.body) return;
    // st.html replaces its markup: return the focus to the link that was followed.
    go && document.querySelector(`a[data-go="${CSS.escape(go)}"]`)?.focus({ preventScroll: true });
  }

  function done() {
    wanted = null;
    observer.disconnect();
  }
  // If the reader acts in between, the position is theirs to decide.
  for (const kind of ['wheel', 'touchmove', 'keydown', 'pointerdown'])
    addEventListener(kind, done, { passive: true, capture: true });

  // A button with data-copy="id" copies the text of that element, or of the code in Streamlit's
  // container of that key, and confirms it.
  document.addEventListener('click', async (event) => {
    const id = event.target.closest?.('button[data-copy]')?.dataset.copy;
    const text = id &&
      (document.getElementById(id) ?? document.querySelector(`.st-key-${CSS.escape(id)} code`));
    if (!text) return;
    let said = 'Copied';
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch { // without https, or not allowed
      getSelection().selectAllChildren(text);
      said = 'Selected: copy it with Ctrl+C';
    }
    const told = document.querySelector(`[data-copied="${CSS.escape(id)}"]`);
    if (told) told.textContent = said;
  });

  // Fields that a form was refused for (core/ui/faults.py) are marked for screen readers; the first
  // one gets the focus, once for each attempt.
  const marked = new Set();
  let attempt = null;
  let chase = null; // until when the first field gets the focus, again if Streamlit redraws it
  function control(key) {
    const place = document.querySelector(`.st-key-${CSS.escape(key)}`);
    return place?.querySelector('input:not([type=file]), textarea') ??
      place?.querySelector('button:not([aria-label^="Help for"])');
  }
  function describe(field, id) {
    const others = (field.getAttribute('aria-describedby') ?? '').split(' ')
      .filter((one) => one && !one.startsWith('fault-'));
    const all = [...others, ...(id ? [id] : [])].join(' ');
    if (all) field.setAttribute('aria-describedby', all);
    else field.removeAttribute('aria-describedby');
  }
  function markFaults() {
    const box = document.querySelector('[data-faults]');
    const found = new Map();
    for (const told of box?.querySelectorAll('[data-field]') ?? []) {
      const field = control(told.dataset.field);
      if (field) found.set(field, told.id);
    }
    for (const field of marked) {
      if (found.has(field)) continue;
      field.removeAttribute('aria-invalid');
      describe(field);
      marked.delete(field);
    }
    for (const [field, id] of found) {
      field.setAttribute('aria-invalid', 'true');
      describe(field, id);
      marked.add(field);
    }
    if (!box) return;
    if (box.dataset.faults !== attempt) {
      attempt = box.dataset.faults;
      chase = { until: performance.now() + 10000, reached: false };
    }
    const [first] = found.keys();
    if (!chase || performance.now() > chase.until || first === document.activeElement) return;
    // Once it had the focus, it gets it again only if the field was redrawn.
    if (chase.reached && document.activeElement !== document.body) return;
    if (first?.checkVisibility?.() ?? first) {
      first.focus();
      chase.reached = true;
    } else setTimeout(markFaults, 100); // an expander that opens for it takes a moment
  }
  for (const kind of ['keydown', 'pointerdown'])
    addEventListener(kind, () => { chase = null; }, { passive: true, capture: true });
  // Make formulas that overflow scrollable by keyboard; tables already are.
  const NAMELESS = 'svg [role=graphics-symbol]:not([aria-label],[aria-hidden])';
  const wide = new ResizeObserver((changes) => {
    for (const { target } of changes)
      target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  function mend() {
    for (const formula of document.querySelectorAll('.katex-display:not([tabindex])'))
      wide.observe(formula);
    // Hide unnamed frames of charts from screen readers.
    for (const frame of document.querySelectorAll(NAMELESS)) frame.ariaHidden = 'true';
    if (marked.size || document.querySelector('[data-faults]')) markFaults();
    tellDevice();
    // Dialogs and menus are outside the app's element: give them its colours.
    const app = document.querySelector('[data-testid=stApp]');
    if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
  }
  // Streamlit empties a chart to draw it anew: until it is drawn, its place stays as high as it was,
  // so that nothing moves away under the pointer. (data-testid: the icons of buttons are no chart)
  const DRAWN = '[data-testid=stVegaLiteChart] :is(svg, canvas)';
  // The chart before may still be there, hidden: that is none.
  const drawn = (place) =>
    [...place.querySelectorAll(DRAWN)].some((one) => one.checkVisibility?.() ?? true);
  let high = 0;
  const heights = new ResizeObserver((changes) => {
    for (const { target, contentRect } of changes) if (drawn(target)) high = contentRect.height;
  });
  function keepHeight() {
    const place = document.querySelector('.st-key-explore_drawn');
    if (!place) return;
    heights.observe(place); // again: nothing happens
    const least = drawn(place) ? '' : `${high}px`;
    if (place.style.minHeight !== least) place.style.minHeight = least;
  }
  // Streamlit draws piece by piece: check what it drew once per frame.
  let due = false;
  new MutationObserver(() => {
    keepHeight();
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      mend();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener('click', (event) => {
    const key = event.target.closest?.('button[data-focus]')?.dataset.focus;
    if (key) control(key)?.focus();
  });

  // A printed page shows when and from which address it was printed (print.css).
  addEventListener('beforeprint', () => {
    const now = new Date().toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' });
    document.body.dataset.printed = `Printed ${now} · ${location.href}`;
  });

  // Requests of a page to remember or forget keys (core/ui/device_keys.py): performed once per
  // ticket, with the outcome shown in place of the request.
  const keysAddress = new URL('keys', document.currentScript?.src ?? new URL('x/', location.href));
  const told = new Map();
  async function keepKeys(ticket, done) {
    told.set(ticket, '…');
    try {
      const answer = await fetch(keysAddress, { method: 'POST', body: ticket });
      told.set(ticket, answer.ok ? done : `Not done: ${await answer.text()}`);
    } catch {
      told.set(ticket, 'Not done: the server did not answer. Try again.');
    }
    tellDevice();
  }
  function tellDevice() {
    for (const place of document.querySelectorAll('[data-device]')) {
      const { device, done } = place.dataset;
      if (!told.has(device)) keepKeys(device, done);
      if (place.textContent !== told.get(device)) place.textContent = told.get(device);
    }
  }
  // Other people's changes: run the page again if it shows another revision than the server has
  // (core/ui/refresh.py, core/web/revision.py).
  // Not while the reader acts: a run now could overtake the run of a click that is on its way, whose
  // change of the address would be lost.
  const acting = () => performance.now() - acted < 2000;
  const revisionAddress = new URL('revision', keysAddress);
  const shown = () => document.querySelector('[data-revision]')?.dataset.revision;
  async function showChanges() {
    if (shown() === undefined || document.hidden || !connected() || acting()) return;
    try {
      const answer = await fetch(revisionAddress);
      const now = await answer.text();
      const busy = document.querySelector('[data-test-script-state=running]');
      if (!answer.ok || busy || acting() || shown() === undefined || shown() === now) return;
      runPage([]);
    } catch { // no server: Streamlit tells
    }
  }
  setInterval(showChanges, 3000);
  document.addEventListener('visibilitychange', showChanges);

  // The second click of a double click may land beside a dialog that has just become smaller, as
  // from its fields to their review. It would close it, and discard what was typed.
  let pressed = -Infinity;
  for (const kind of ['pointerdown', 'mousedown', 'click']) {
    addEventListener(kind, (event) => {
      const inside = event.target.closest?.('[role=dialog]');
      if (inside && kind === 'pointerdown') pressed = event.timeStamp;
      const beside = !inside && event.target.closest?.('[data-testid=stDialog]');
      if (beside && event.timeStamp - pressed < 500) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    }, { capture: true });
  }

  // Another site's frame has no cookies: hide the option.
  if (window.top !== window) document.documentElement.classList.add('framed');

  // Streamlit closes its menu after a tap only if the browser identifies itself as a phone's.
  function closePhoneMenu(event) {
    if (innerWidth > 768 || !event.target.closest?.('[data-testid=stSidebarNavLink]')) return;
    setTimeout(
      () => document.querySelector('[data-testid=stSidebarCollapseButton] button')?.click(), 50);
  }
})();
