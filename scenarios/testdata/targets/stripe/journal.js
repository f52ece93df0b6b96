'use strict';
// What the shop must not forget, one line of JSON for each thing that it decided.
// A line is on the disk before the shop acts on it, so a process that reads the journal
// after a crash knows at least as much as the one that crashed.
const fs = require('node:fs');

class Journal {
  constructor(path) {
    this.orders = new Map(); // id → what is known of it
    this.events = new Set(); // the ids of webhooks that were taken
    const text = fs.existsSync(path) ? fs.readFileSync(path) : Buffer.alloc(0);
    const whole = text.lastIndexOf('\n') + 1; // a line that a crash cut off was never acted on
    for (const line of text.toString('utf8', 0, whole).split('\n').filter(Boolean)) this.remember(JSON.parse(line));
    this.file = fs.openSync(path, 'a');
    fs.ftruncateSync(this.file, whole);
  }

  // write returns when the change survives a crash. The id of an event and what it changes
  // are one line: with two, a crash between them would lose the change or make it twice.
  write(id, change, event) {
    const entry = { id, change, event };
    fs.writeSync(this.file, `${JSON.stringify(entry)}\n`);
    fs.fsyncSync(this.file);
    this.remember(entry);
  }

  remember({ id, change, event }) {
    this.orders.set(id, { ...this.orders.get(id), ...change });
    if (event) this.events.add(event);
  }
}

module.exports = { Journal };
