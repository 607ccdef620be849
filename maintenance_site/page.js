// Shows the end of the work in the reader's time, and reloads the page when the server answers again.
(() => {
  const find = (selector) => document.querySelector(selector);

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

  // Gaps grow to 30 s and scatter by half, so that readers do not all come at once when the server is back.
  let seconds = 8;
  let on = true;
  let timer;
  const ask = (signal) =>
    fetch(location.href, { method: 'HEAD', cache: 'no-store', redirect: 'manual', signal });
  const plan = (gap) => {
    clearTimeout(timer);
    if (on && !document.hidden) timer = setTimeout(poll, gap * (500 + Math.random() * 1000));
  };
  const poll = async () => {
    try {
      let began = performance.now();
      const answer = await ask();
      // Whatever the server says short of an error, a redirect (status 0) included; the edge has its marker.
      if (answer.status < 500 && !answer.headers.has('x-maintenance')) return location.reload();
      // A browser keeps to its connection wherever DNS points by now. A request that is given up half-way
      // makes it close an HTTP/1.1 connection, so that the next one looks the name up afresh. The first answer
      // may have taken long for its connection's sake, so the next ones are given up earlier.
      for (let tries = 0; tries < 4; tries++) {
        const given = new AbortController();
        setTimeout(() => given.abort(), (performance.now() - began) / 2);
        began = performance.now();
        await ask(given.signal);
      }
    } catch {
      // Given up, or no network: the next poll will tell.
    }
    plan(seconds = Math.min(seconds * 1.5, 30));
  };
  document.addEventListener('visibilitychange', () => plan(Math.min(seconds, 4)));

  const status = find('[role=status]');
  const button = find('button');
  const words = [[status.textContent, button.textContent], [status.dataset.stopped, button.dataset.start]];
  button.onclick = () => {
    on = !on;
    [status.textContent, button.textContent] = words[on ? 0 : 1];
    plan(4);
  };
  find('.auto').hidden = false;
  plan(seconds);
})();
