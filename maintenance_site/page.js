// Shows the end of the work in the reader's time, and reloads the page when the server answers again.
(() => {
  const find = (name) => document.querySelector(name);

  const time = find('time');
  if (time) {
    const end = new Date(time.dateTime);
    time.textContent = end.toLocaleString(document.documentElement.lang, {
      weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit', timeZoneName: 'short',
    });
    const tell = () => {
      const left = end - Date.now();
      find('.until').hidden = left <= 0;
      find('.late').hidden = left > 0;
      if (left > 0) setTimeout(tell, Math.min(left, 6e4));
    };
    tell();
  }

  // WebKitGTK (Apple's engine on Linux) keeps an address until 5 minutes after the last connection, and behind a
  // service worker no aborted request ends its connection: only a long pause does.
  const worker = navigator.serviceWorker?.controller;
  const slow = worker || /^Apple.*Linux/.test(navigator.vendor + navigator.platform);
  const rest = 305e3;
  const marker = 'x-maintenance';
  let on = true, last = 0, timer;
  const plan = (wait) => {
    clearTimeout(timer);
    if (on && !document.hidden) timer = setTimeout(poll, wait);
  };
  const ask = (method, signal) => fetch(location, { method, cache: 'no-store', redirect: 'manual', signal });

  // A browser stays on its connections wherever DNS points by now. A request that is aborted half-way makes it close an
  // HTTP/1.1 connection, so that the next one looks the name up again. Three at once, because Firefox holds spare
  // connections.
  let half = 16;
  const heads = (signal) => [1, 2, 3].map(() => ask('HEAD', signal));
  const leave = () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), half);
    return Promise.allSettled(heads(stop.signal));
  };
  // Every status but a proxy's errors is the server's, a redirect (status 0) included; the edge has its marker.
  const isSite = (one) => !one.headers.has(marker) && !/50[0234]/.test(one.status);
  // Before a reload. A service worker may have kept answers of the edge: no-store does not forbid it.
  const forget = async () => {
    sessionStorage[marker] = Date.now();
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const key of await cache.keys()) {
        if ((await cache.match(key))?.headers.has(marker)) await cache.delete(key);
      }
    }
  };
  const poll = async () => {
    try {
      for (let left = 6, due = navigator.vendor ? 1 : 2; left--;) {
        await leave();
        const began = performance.now();
        const head = await ask('HEAD');
        if (isSite(head)) {
          await forget().catch(() => 0);
          // As many at once as there can be connections to the edge: the reload may take any of them.
          if ((await Promise.all([ask('GET'), ...heads()])).every(isSite)) return location.reload();
        }
        // Firefox adds every fourth entry up to 50 ms after the answer.
        await new Promise((done) => setTimeout(done, 99));
        const seen = performance.getEntriesByType('resource').find((one) => one.startTime >= began);
        performance.clearResourceTimings();
        const kept = seen?.connectEnd === seen?.connectStart;
        // Firefox goes to the old address once more while it looks the name up: there, two new connections are due.
        if (slow || !seen || (!kept && !--due)) break;
        // An old connection again: the abort came after the answer, or before anything was sent. A slow device cannot
        // tell which, so the next delay is any of 1 to 64 ms.
        if (kept) half = 2 ** (6 * Math.random());
      }
      if (slow) await leave();
    } catch {
      // No network: the next poll will tell.
    }
    last = Date.now();
    // Chromium and Firefox keep an address for 60 s, whatever its TTL. Two gaps are a little more, so that every second
    // poll looks the name up as soon as it can. Readers scatter by when they opened the page, and by the first gap.
    plan(slow ? rest : 30600 + Math.random() * 400);
  };
  document.onvisibilitychange = () => plan(slow ? last + rest - Date.now() : 0);

  const status = find('[role=status]');
  const button = find('button');
  const words = [[status.textContent, button.textContent], [status.dataset.stopped, button.dataset.start]];
  let again;
  const show = () => {
    [status.textContent, button.textContent] = words[+!on];
    plan(again ? rest : 4e3 + Math.random() * 8e3);
  };
  button.onclick = () => {
    on = !on;
    again = 0;
    show();
  };
  try {
    // A reload that brought this page again: a service worker may do so for ever, so the reader has to ask for the
    // next one. Otherwise the server failed again, and the next reload is minutes away.
    again = Date.now() - sessionStorage[marker] < 3e4;
    on = !again || !worker;
  } catch {}
  show();
  find('.auto').hidden = false;
})();
