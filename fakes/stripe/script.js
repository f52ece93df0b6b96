// Unhappy Path's stand-in for Stripe.js. It offers what a payment by card needs, with the
// shapes that docs.stripe.com/js has, and calls the fake's API as a browser does. Anything
// else that a page calls is told to the fake by its name, and nothing is known of the shop.
(() => {
  'use strict';
  const api = 'https://api.stripe.com';
  const send = (path, keepalive = true) =>
    fetch('https://js.stripe.com' + path, { method: 'POST', mode: 'no-cors', keepalive }).catch(() => {});

  class IntegrationError extends Error {
    name = 'IntegrationError';
  }
  const unplayed = (what) => {
    send('/unplayed?what=' + encodeURIComponent(what));
    throw new IntegrationError(`The stand-in for Stripe.js does not play ${what}.`);
  };
  // open is an object whose other members are unplayed once they are called. Libraries sign
  // themselves by members that begin with an underline, and promises are asked for "then".
  const open = (is, members) => new Proxy(members, {
    get: (it, name) => {
      if (name in it || typeof name === 'symbol' || name === 'then' || name === 'toJSON') return it[name];
      if (name.startsWith('_') || name === 'registerAppInfo') return () => {};
      return () => unplayed(`${is}.${name}`);
    },
  });

  // form writes parameters as the API reads them: {a: {b: 1}} is a[b]=1.
  const form = (value, at = '', into = new URLSearchParams()) => {
    if (value === undefined || value === null) return into;
    if (typeof value !== 'object') into.append(at, value);
    else for (const [name, inner] of Object.entries(value)) form(inner, at ? `${at}[${name}]` : name, into);
    return into;
  };

  // What she typed. Its fields have no name, so that no form of the shop sends them.
  const herCard = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' }; // the fake replaces the number
  const shown = '•••• •••• •••• ' + herCard.number.slice(-4); // it is in the pictures of reports
  const fields = {
    card: [shown, '•• / ••', '•••'], payment: [shown, '•• / ••', '•••'],
    cardNumber: [shown], cardExpiry: ['•• / ••'], cardCvc: ['•••'],
  };

  const element = (type) => {
    const place = document.createElement('div');
    const heard = {};
    place.className = 'StripeElement';
    const shadow = place.attachShadow({ mode: 'closed' });
    for (const value of fields[type]) shadow.append(Object.assign(document.createElement('input'), { value }));
    const emit = (event, more) => (heard[event] ?? []).forEach((handler) => handler({ elementType: type, ...more }));
    const nothing = () => {};
    return open(`an element (${type})`, {
      mount(at) {
        const to = typeof at === 'string' ? document.querySelector(at) : at;
        if (!to) throw new IntegrationError(`The selector you specified (${at}) applies to no DOM elements that are currently on the page.`);
        to.replaceChildren(place);
        setTimeout(() => {
          emit('ready');
          emit('change', { complete: true, empty: false, brand: 'visa', error: undefined, collapsed: false, value: { type: 'card', postalCode: '' } });
        });
      },
      on(event, handler) { (heard[event] ??= []).push(handler); return this; },
      once(event, handler) { return this.on(event, handler); },
      off(event, handler) { heard[event] = handler ? (heard[event] ?? []).filter((it) => it !== handler) : []; return this; },
      unmount: () => place.remove(), destroy: () => place.remove(),
      update: nothing, focus: nothing, blur: nothing, clear: nothing, collapse: nothing,
    });
  };

  const elements = (options = {}) => {
    const made = {};
    return open('elements', {
      secret: options.clientSecret,
      create: (type) => (type in fields ? (made[type] = element(type)) : unplayed(`elements.create("${type}")`)),
      getElement: (type) => made[type] ?? null,
      update: () => {},
      fetchUpdates: async () => ({}),
      submit: async () => ({ selectedPaymentMethod: 'card' }),
    });
  };

  const idOf = (secret) => {
    const found = /^(pi_\w+?)_secret_\w+$/.exec(secret ?? '');
    if (!found) throw new IntegrationError(`Invalid value for clientSecret: value should be a client secret of the form \${id}_secret_\${secret}. You specified: ${secret}.`);
    return found[1];
  };

  const Stripe = (key, options = {}) => {
    if (/^[spr]k_live_/.test(key)) {
      send('/key?is=' + key.slice(0, 8)); // the run ends there; the key goes nowhere
      throw new IntegrationError('A key of the live mode is for real money, and this is a test.');
    }
    if (!/^pk_test_/.test(key)) throw new IntegrationError('Invalid API key provided: want a publishable key of the test mode, pk_test_….');
    if (options.stripeAccount) unplayed('Stripe(key, {stripeAccount})');

    // ask is one request, once; what it comes to is {[name]: object} or {error}.
    const ask = async (name, path, parameters, method = 'POST') => {
      const body = form({ ...parameters, key });
      let answer;
      let said;
      try {
        answer = await fetch(api + path + (method === 'GET' ? '?' + body : ''), { method, body: method === 'GET' ? undefined : body });
        said = await answer.text();
      } catch {
        return { error: { type: 'api_connection_error', message: 'We are experiencing issues connecting to our payments provider. Please check your internet connection and try again.' } };
      }
      try {
        said = JSON.parse(said);
      } catch {
        return { error: { type: 'api_error', message: 'An unexpected error occurred.' } };
      }
      return answer.ok ? { [name]: said } : { error: said.error };
    };
    const look = (secret) => ask('paymentIntent', '/v1/payment_intents/' + idOf(secret), { client_secret: secret }, 'GET');

    // act is what her bank wants of her: she says yes, or what the story says.
    const act = async (secret, came) => {
      const action = came.paymentIntent?.next_action;
      if (came.paymentIntent?.status !== 'requires_action' || !action) return came;
      const url = new URL(action.redirect_to_url?.url ?? action.use_stripe_sdk?.stripe_js);
      await fetch(api + url.pathname + url.search, {
        method: 'POST', redirect: 'manual', body: new URLSearchParams({ answer: 'approve' }),
      }).catch(() => {}); // the bank's page is not the shop's to read, and its answer says nothing: the look does
      const now = await look(secret);
      const why = now.paymentIntent?.last_payment_error;
      return now.paymentIntent?.status === 'requires_payment_method' && why ? { error: { ...why, payment_intent: now.paymentIntent } } : now;
    };
    const confirm = async (secret, parameters, acts = true) => {
      const came = await ask('paymentIntent', `/v1/payment_intents/${idOf(secret)}/confirm`, { ...parameters, client_secret: secret, use_stripe_sdk: true });
      return acts ? act(secret, came) : came;
    };
    // described is a method: one that the shop has, or the card in an element.
    const described = ({ payment_method: of, ...others } = {}) => {
      if (typeof of === 'string') return { ...others, payment_method: of };
      const card = typeof of?.card?.token === 'string' ? { token: of.card.token } : herCard;
      return { ...others, payment_method_data: { type: 'card', card, billing_details: of?.billing_details, metadata: of?.metadata } };
    };

    return open('stripe', {
      elements,
      retrievePaymentIntent: async (secret) => look(secret),
      confirmCardPayment: async (secret, data, { handleActions = true } = {}) => confirm(secret, data?.payment_method ? described(data) : data, handleActions),
      handleCardAction: async (secret) => act(secret, await look(secret)),
      handleNextAction: async ({ clientSecret }) => act(clientSecret, await look(clientSecret)),
      createPaymentMethod: async ({ type = 'card', elements: from, params, billing_details, metadata }) =>
        ask('paymentMethod', '/v1/payment_methods', { type, card: herCard, billing_details: params?.billing_details ?? billing_details, metadata }),
      createConfirmationToken: async ({ elements: from, params: { payment_method_data: data, ...others } = {} } = {}) => {
        if (!from) throw new IntegrationError('stripe.createConfirmationToken(): want elements, which hold what the customer typed.');
        return ask('confirmationToken', '/v1/confirmation_tokens', { ...others, payment_method_data: { type: 'card', card: herCard, ...data } });
      },
      confirmPayment: async ({ elements: from, clientSecret, confirmParams = {}, redirect = 'always' }) => {
        const secret = clientSecret ?? from?.secret;
        const { payment_method_data: data, ...others } = confirmParams;
        const parameters = others.payment_method ? others : { ...others, payment_method_data: { type: 'card', card: herCard, ...data } };
        const came = await confirm(secret, parameters);
        if (came.error || redirect === 'if_required') return came;
        const back = new URL(confirmParams.return_url);
        back.searchParams.set('payment_intent', came.paymentIntent.id);
        back.searchParams.set('payment_intent_client_secret', secret);
        back.searchParams.set('redirect_status', 'succeeded');
        location.assign(back);
        return new Promise(() => {});
      },
    });
  };
  Stripe.version = 3;
  window.Stripe = Stripe;
})();
