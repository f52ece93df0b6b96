#!/usr/bin/env bash
# A body with "amount": null and one with a field too many, at a shop that has a strict schema.
#
# Shown: the schema wants an integer, and no additional properties. ajv, express-openapi-validator, zod
# and joi refuse both. Fastify answers 200: null has become 0, or "" where a text is wanted, true is 1, a
# list of one is what was in it, and the coupon that the schema does not know is taken out without a word.
# Versions: fastify 5.12.8, ajv 8.20.0, express 5.3.0, express-openapi-validator 5.6.2, zod 4.6.7, joi 18.3.2, Node 20.
# Why a checkout cares: a price that could not be computed is null in JSON (NaN is, too): the order is
# free. A field that was renamed on one side only is dropped, and the customer pays without her coupon.
# Instead: ajv: {customOptions: {coerceTypes: false, removeAdditional: false}} for bodies; minimum: 1.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a schema with an integer and without additional properties refuses null and an unknown field with 400"
npm_install fastify@5.12.8 ajv@8.20.0 express@5.3.0 express-openapi-validator@5.6.2 zod@4.6.7 joi@18.3.2
cat >"$work/orders.js" <<'END'
const Ajv = require('ajv');
const express = require('express');
const fastify = require('fastify');
const Joi = require('joi');
const OpenApiValidator = require('express-openapi-validator');
const { z } = require('zod');
const schema = {
  type: 'object', required: ['amount', 'sku'], additionalProperties: false,
  properties: { amount: { type: 'integer' }, sku: { type: 'string' } },
};
const orders = [
  { amount: 1999, sku: 'mug' }, { amount: 0 / 0, sku: 'mug' }, { amount: true, sku: 'mug' }, { amount: [1999], sku: 'mug' }, { amount: 1999, sku: null },
  { amount: 1999, sku: 'mug', coupon: 'HALF' },
];
const inFastify = (options) => {
  const shop = fastify(options);
  shop.post('/order', { schema: { body: schema } }, async (request) => request.body);
  return async (order) => {
    const answer = await shop.inject({ method: 'POST', url: '/order', payload: order });
    return answer.statusCode === 200 ? `200 ${answer.body}` : answer.statusCode;
  };
};
const app = express();
app.use(express.json(), OpenApiValidator.middleware({
  apiSpec: {
    openapi: '3.0.3', info: { title: 'shop', version: '1' },
    paths: { '/order': { post: { requestBody: { content: { 'application/json': { schema } } }, responses: { 200: { description: 'ordered' } } } } },
  },
}));
app.post('/order', (request, response) => response.json(request.body));
app.use((error, request, response, next) => response.status(error.status).end());
const server = app.listen(0, '127.0.0.1', async () => {
  const said = (ok) => (ok ? 'taken' : 'refused');
  const isValid = new Ajv().compile(schema);
  const zod = z.strictObject({ amount: z.int(), sku: z.string() });
  const joi = Joi.object({ amount: Joi.number().integer().required(), sku: Joi.string().required() });
  const shops = {
    ajv: (order) => said(isValid(order)),
    zod: (order) => said(zod.safeParse(order).success),
    joi: (order) => said(!joi.validate(order).error),
    'express-openapi-validator': async (order) => (await fetch(`http://127.0.0.1:${server.address().port}/order`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order),
    })).status,
    Fastify: inFastify(),
    'Fastify, no coerceTypes, no removeAdditional': inFastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } }),
  };
  console.log(`sent: ${orders.map((order) => JSON.stringify(order)).join(', ')}`);
  for (const [name, shop] of Object.entries(shops)) {
    const told = [];
    for (const order of orders) told.push(await shop(JSON.parse(JSON.stringify(order))));
    console.log(`${name}: ${told.join(', ')}`);
  }
  process.exit();
});
END
node "$work/orders.js" >"$work/seen"
behaves <<'END'
sent: {"amount":1999,"sku":"mug"}, {"amount":null,"sku":"mug"}, {"amount":true,"sku":"mug"}, {"amount":[1999],"sku":"mug"}, {"amount":1999,"sku":null}, {"amount":1999,"sku":"mug","coupon":"HALF"}
ajv: taken, refused, refused, refused, refused, refused
zod: taken, refused, refused, refused, refused, refused
joi: taken, refused, refused, refused, refused, refused
express-openapi-validator: 200, 400, 400, 400, 400, 400
Fastify: 200 {"amount":1999,"sku":"mug"}, 200 {"amount":0,"sku":"mug"}, 200 {"amount":1,"sku":"mug"}, 200 {"amount":1999,"sku":"mug"}, 200 {"amount":1999,"sku":""}, 200 {"amount":1999,"sku":"mug"}
Fastify, no coerceTypes, no removeAdditional: 200 {"amount":1999,"sku":"mug"}, 400, 400, 400, 400, 400
END
