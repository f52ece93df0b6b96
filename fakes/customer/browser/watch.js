// Runs in every document of a tab before its own scripts, in a world of its own,
// so that neither can touch the other's; and tells of what a person would notice:
// the clicks that the page got, and each change of what it says. The page's
// selectors are a value here, never a part of the script.
(page) => {
  if (window !== window.top || !location.protocol.startsWith('http')) return;
  const tell = (it) => unhappyTell(JSON.stringify(it));
  const visible = (selector) => [...document.querySelectorAll(selector)].find((it) => it.checkVisibility());
  const read = (what) => {
    if (!what?.selector) return undefined;
    if (!what.attribute) return visible(what.selector)?.innerText;
    const it = document.querySelector(what.selector);
    if (what.attribute === 'value' && it && 'value' in it) return it.value;
    return it?.getAttribute(what.attribute) ?? undefined;
  };

  addEventListener('click', (event) => {
    if (!event.composedPath().some((it) => it instanceof Element && it.matches(page.submit))) return;
    tell({ kind: 'click', order: read(page.order), amount: read(page.amount), currency: read(page.currency) });
  }, true);

  let says;
  let usable = false;
  const look = (anew) => {
    const now = read(page.says);
    if (now !== undefined && (anew || now !== says)) tell({ kind: 'screen', says: now, text: read(page.text), anew });
    says = now;
    if (!usable && visible(page.submit)) {
      usable = true;
      tell({ kind: 'usable' });
    }
  };
  addEventListener('DOMContentLoaded', () => {
    tell({ kind: 'loaded', status: performance.getEntriesByType('navigation')[0]?.responseStatus });
    look(true);
    new MutationObserver(() => look(false)).observe(document, {
      subtree: true, childList: true, characterData: true, attributes: true,
    });
  });
  // The back button may bring a document back that never went.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    usable = false;
    look(true);
  });
}
