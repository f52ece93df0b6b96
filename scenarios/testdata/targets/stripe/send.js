'use strict';
// send makes one request, once. It resolves with the answer, whatever its status, and rejects
// where none came in time, or only a part of one, or no JSON. It follows no redirect.
const http = require('node:http');
const https = require('node:https');

const timeoutMS = Number(process.env.TIMEOUT_MS);

module.exports = async function send(method, url, headers, text = '') {
  const { request } = url.startsWith('https:') ? https : http;
  const response = await new Promise((resolve, reject) => {
    const options = { method, signal: AbortSignal.timeout(timeoutMS), headers: { ...headers, 'Content-Length': Buffer.byteLength(text) } };
    request(url, options, resolve).on('error', reject).end(text);
  });
  let said = '';
  for await (const part of response.setEncoding('utf8')) said += part;
  return { status: response.statusCode, body: JSON.parse(said) };
};
