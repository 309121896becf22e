// Node's HTTP server on streams in memory.  In: one request in base64 a line.
// Out: for each a line of JSON, {entries: [[method, target, length, ok]], end}.
'use strict';

const http = require('http');
const readline = require('readline');
const { Duplex } = require('stream');

let messages;
let fault;

function note(req) {
  const m = { req, length: 0, hostless: false };
  // What Node itself answers 400, but only after the answers before.
  m.hostless = req.httpVersion === '1.1' && req.headers.host === undefined;
  messages.push(m);
  return m;
}

function handle(req, res) {
  const m = note(req);
  req.on('data', (data) => { m.length += data.length; });
  req.on('error', () => {});
  res.on('error', () => {});
  res.end();
}

const server = http.createServer(
  { insecureHTTPParser: false, requireHostHeader: false }, handle);
server.httpAllowHalfOpen = true;
server.on('checkContinue', handle);
server.on('checkExpectation', handle);
server.on('connect', (req, socket) => {
  note(req).connect = true;
  socket.destroy();
});
server.on('clientError', (error, socket) => {
  fault = fault || error.code || 'unknown';
  socket.destroy();
});

function turn() {
  return new Promise((done) => { setImmediate(done); });
}

function verdict() {
  const entries = [];
  for (const m of messages) {
    if (m.hostless) return { entries, end: 'refused' };
    if (m.connect) {
      entries.push([m.req.method, m.req.url, 0, true]);
      return { entries, end: 'closed' };
    }
    if (!m.req.complete) break;
    entries.push([m.req.method, m.req.url, m.length, true]);
    // It speaks another protocol from there on.
    if (m.req.headers.upgrade && /upgrade/i.test(m.req.headers.connection)) {
      return { entries, end: 'closed' };
    }
  }
  const ends = { HPE_CLOSED_CONNECTION: 'closed', HPE_INVALID_EOF_STATE: 'waits' };
  if (fault) return { entries, end: ends[fault] || 'refused' };
  if (entries.length < messages.length) return { entries, end: 'waits' };
  const last = messages[messages.length - 1];
  const wants = last ? (last.req.headers.connection || '').toLowerCase() : '';
  const kept = !last || (last.req.httpVersion === '1.0'
    ? wants.includes('keep-alive') : !/(^|,)\s*close\s*(,|$)/.test(wants));
  return { entries, end: kept ? 'idle' : 'closed' };
}

async function parse(data) {
  const socket = new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk, encoding, done) { done(); },
  });
  messages = [];
  fault = null;
  socket.on('error', () => {});
  server.emit('connection', socket);
  socket.push(data);
  for (let i = 0; i < 3; i++) await turn();
  socket.push(null);
  for (let i = 0; i < 3; i++) await turn();
  const result = verdict();
  socket.destroy();
  return result;
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(
      `${JSON.stringify(await parse(Buffer.from(line, 'base64')))}\n`);
  }
  process.exit(0);
}

main();
