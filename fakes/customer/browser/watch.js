// Runs in every document before its own scripts, and tells of what a person
// would see: the clicks that the page got, and each change of its screen.
(() => {
  const tell = (it) => window.unhappyTell(JSON.stringify(it));
  const order = () => {
    const data = document.getElementById('order');
    return data ? JSON.parse(data.textContent).order : {};
  };
  addEventListener('click', (event) => {
    if (!event.target.closest('#submit')) return;
    const { id, basket, amount, currency } = order();
    tell({ Kind: 'click', Basket: basket, Order: id, Amount: amount, Currency: currency });
  }, true);
  addEventListener('DOMContentLoaded', () => {
    const main = document.querySelector('main[data-status]');
    if (!main) return;
    const look = () => tell({
      Kind: 'screen', Basket: order().basket, Says: main.dataset.status, Text: document.getElementById('says').textContent,
    });
    look();
    new MutationObserver(look).observe(main, { attributeFilter: ['data-status'] });
  });
})();
