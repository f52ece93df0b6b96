'use strict';
// Binds behaviour.js to the browser: fetch, timers and the document.
(function () {
  const main = document.querySelector('main');
  const says = document.getElementById('says');
  const data = JSON.parse(document.getElementById('order').textContent);

  const env = {
    async request({ method, path, headers, body, timeOutMS }) {
      const answer = await fetch(path, {
        method, headers, body, cache: 'no-store', signal: AbortSignal.timeout(Math.max(1, timeOutMS)),
      });
      return { status: answer.status, body: await answer.text() };
    },
    sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
    show(view) {
      main.dataset.status = view.says;
      says.textContent = view.text;
    },
  };

  const page = checkout(data.order, data.config, env);
  page.opened(main.dataset.status);
  document.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    page.submit();
  });
})();
