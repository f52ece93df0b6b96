'use strict';
// What the shop must not forget, one line of JSON for each thing that it decided.
// A line is on the disk before the shop acts on it, so a process that reads the journal
// after a crash knows at least as much as the one who crashed.
const fs = require('node:fs');

class Journal {
  constructor(path) {
    this.orders = new Map(); // id → what is known of it
    const text = fs.existsSync(path) ? fs.readFileSync(path) : Buffer.alloc(0);
    const whole = text.lastIndexOf('\n') + 1; // a line that a crash cut off was never acted on
    for (const line of text.toString('utf8', 0, whole).split('\n').filter(Boolean)) this.remember(JSON.parse(line));
    this.file = fs.openSync(path, 'a');
    fs.ftruncateSync(this.file, whole);
  }

  // write returns when the change survives a crash.
  write(id, change) {
    fs.writeSync(this.file, `${JSON.stringify({ id, ...change })}\n`);
    fs.fsyncSync(this.file);
    this.remember({ id, ...change });
  }

  // forget is for tests, between one and the next.
  forget() {
    fs.ftruncateSync(this.file, 0);
    this.orders.clear();
  }

  remember({ id, ...change }) {
    this.orders.set(id, { ...this.orders.get(id), ...change });
  }
}

module.exports = { Journal };
