'use strict';
// A server of GraphQL with operations that it knows by name, as servers have that take no
// others (persisted queries): one path, and 200 for every answer.
const http = require('node:http');

// serve answers each operation with what resolve[operationName](variables) comes to.
module.exports = function serve(resolve) {
  async function answer(text) {
    try {
      const { operationName, variables } = JSON.parse(text);
      if (!Object.hasOwn(resolve, operationName)) throw Object.assign(new Error(`Unknown operation "${operationName}"`), { code: 'UNKNOWN_OPERATION' });
      return { data: await resolve[operationName](variables) };
    } catch (error) {
      return { data: null, errors: [{ message: error.message, extensions: { code: error.code || 'INTERNAL_SERVER_ERROR' } }] };
    }
  }
  http.createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const known = request.method === 'POST' && request.url === '/graphql';
    response.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' }).end(known ? JSON.stringify(await answer(text)) : '{}');
  }).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
};
