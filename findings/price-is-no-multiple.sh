#!/usr/bin/env bash
# A price of 19.99 is no multiple of 0.01: the shop answers 400 to one price in nine.
#
# Shown: a schema says that an amount has two decimals by `multipleOf: 0.01`. ajv divides in binary
# floating point and wants a whole number: 19.99 / 0.01 is 1998.9999999999998. Of the 100,000 prices
# from 0.01 to 1,000.00 it refuses 11,426, and with it Fastify, whose validator it is by default, and
# express-openapi-validator, each with a 400. cfworker, zod and joi take all of them, and so do
# kin-openapi and santhosh-tekuri/jsonschema: what a gateway in Go lets in, the shop refuses.
# Versions: ajv 8.20.0, fastify 5.12.8, express 5.3.0, express-openapi-validator 5.6.2, @cfworker/json-schema 4.1.6,
# zod 4.6.7, joi 18.3.2, kin-openapi 0.153.0, santhosh-tekuri/jsonschema 6.0.3, Node 20, Go 1.26.
# Why a checkout cares: no test with 499.00 or 10.50 shows it. A basket of 19.99 cannot be bought.
# Instead: minor units as integers; where decimals must be, a string with a pattern, or ajv's option
# multipleOfPrecision: 2.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a validator takes 19.99 for a multiple of 0.01"
npm_install ajv@8.20.0 fastify@5.12.8 express@5.3.0 express-openapi-validator@5.6.2 @cfworker/json-schema@4.1.6 zod@4.6.7 joi@18.3.2
go_install github.com/getkin/kin-openapi@v0.153.0 github.com/santhosh-tekuri/jsonschema/v6@v6.0.3
cat >"$work/prices.js" <<'END'
const Ajv = require('ajv');
const Joi = require('joi');
const { Validator } = require('@cfworker/json-schema');
const { z } = require('zod');
const twoDecimals = { type: 'number', multipleOf: 0.01 };
const cfworker = new Validator(twoDecimals);
const zod = z.number().multipleOf(0.01);
const joi = Joi.number().multiple(0.01);
const takes = {
  ajv: new Ajv().compile(twoDecimals),
  'ajv, multipleOfPrecision 2': new Ajv({ multipleOfPrecision: 2 }).compile(twoDecimals),
  cfworker: (price) => cfworker.validate(price).valid,
  zod: (price) => zod.safeParse(price).success,
  joi: (price) => !joi.validate(price).error,
};
for (const [name, isValid] of Object.entries(takes)) {
  let refused = 0;
  for (let cents = 1; cents <= 100000; cents++) if (!isValid(cents / 100)) refused++;
  console.log(`${name}: ${refused} of 100000 prices refused, 19.991 ${isValid(19.991) ? 'taken' : 'refused'}`);
}
END
cat >"$work/shops.js" <<'END'
const express = require('express');
const fastify = require('fastify')();
const OpenApiValidator = require('express-openapi-validator');
const body = { type: 'object', required: ['amount'], properties: { amount: { type: 'number', multipleOf: 0.01 } } };
const apiSpec = {
  openapi: '3.0.3', info: { title: 'shop', version: '1' },
  paths: { '/pay': { post: { requestBody: { content: { 'application/json': { schema: body } } }, responses: { 200: { description: 'paid' } } } } },
};
fastify.post('/pay', { schema: { body } }, async () => 'paid');
const app = express();
app.use(express.json(), OpenApiValidator.middleware({ apiSpec }));
app.post('/pay', (request, response) => response.send('paid'));
app.use((error, request, response, next) => response.status(error.status).send(error.message));
const server = app.listen(0, '127.0.0.1', async () => {
  for (const amount of [499, 10.5, 19.99]) {
    const inFastify = await fastify.inject({ method: 'POST', url: '/pay', payload: { amount } });
    const inExpress = await fetch(`http://127.0.0.1:${server.address().port}/pay`,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ amount }) });
    console.log(`${amount}: Fastify ${inFastify.statusCode}, Express with express-openapi-validator ${inExpress.status}`);
  }
  server.close();
  server.closeAllConnections();
});
END
cat >"$work/main.go" <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const twoDecimals = `{"type":"number","multipleOf":0.01}`

func main() {
	var kin openapi3.Schema
	check(json.Unmarshal([]byte(twoDecimals), &kin))
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(twoDecimals))
	check(err)
	compiler := jsonschema.NewCompiler()
	check(compiler.AddResource("price.json", document))
	schema, err := compiler.Compile("price.json")
	check(err)
	inKin := func(price string) bool {
		var value float64
		check(json.Unmarshal([]byte(price), &value))
		return kin.VisitJSON(value) == nil
	}
	inSanthosh := func(price string) bool {
		number, err := jsonschema.UnmarshalJSON(strings.NewReader(price))
		check(err)
		return schema.Validate(number) == nil
	}
	tell("kin-openapi", inKin)
	tell("santhosh-tekuri/jsonschema", inSanthosh)
}

func tell(name string, isValid func(price string) bool) {
	refused, third := 0, "refused"
	for cents := 1; cents <= 100_000; cents++ {
		if !isValid(fmt.Sprintf("%d.%02d", cents/100, cents%100)) {
			refused++
		}
	}
	if isValid("19.991") {
		third = "taken"
	}
	fmt.Printf("%s: %d of 100000 prices refused, 19.991 %s\n", name, refused, third)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
END
node "$work/prices.js" >"$work/seen"
node "$work/shops.js" >>"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
ajv: 11426 of 100000 prices refused, 19.991 refused
ajv, multipleOfPrecision 2: 0 of 100000 prices refused, 19.991 refused
cfworker: 0 of 100000 prices refused, 19.991 refused
zod: 0 of 100000 prices refused, 19.991 refused
joi: 0 of 100000 prices refused, 19.991 refused
499: Fastify 200, Express with express-openapi-validator 200
10.5: Fastify 200, Express with express-openapi-validator 200
19.99: Fastify 400, Express with express-openapi-validator 400
kin-openapi: 0 of 100000 prices refused, 19.991 refused
santhosh-tekuri/jsonschema: 0 of 100000 prices refused, 19.991 refused
END
