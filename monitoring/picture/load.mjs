// The clients of caches.yaml: each gets a key, and sets it on a miss. Rates rise and fall, as users come and go.
//
// usage: load.mjs FILE
//   a JSON list of { pod, server, secret, keys, bytes, rate, idle, guessed }; secret is a file with a Secret as JSON. At each login the address in the file and the
//   login are read again, as a server that starts again has another address, and a rotation changes the login.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

// Of memcached's binary protocol.
const HEADER = 24;
const [GET, SET, DELETE, LOGIN] = [0x00, 0x01, 0x04, 0x21];
const [FOUND, MISSING, REFUSED] = [0, 1, 0x20];

const started = Date.now();
const minutes = () => (Date.now() - started) / 60_000;

/** One connection, with one request at a time. */
class Connection {
  static async open(server) {
    const [host, port] = server.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true });
    try {
      // A pod that is gone gives no answer at all.
      await once(socket, 'connect', { signal: AbortSignal.timeout(2000) });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new Connection(socket);
  }

  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]);
      this.answer();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.waiting?.reject(new Error('the server closed the connection')));
  }

  answer() {
    if (this.received.length < HEADER) return;
    const end = HEADER + this.received.readUInt32BE(8);
    if (this.received.length < end) return;
    const status = this.received.readUInt16BE(6);
    this.received = this.received.subarray(end);
    this.waiting.resolve(status);
  }

  ask(operation, key, value = Buffer.alloc(0), extras = Buffer.alloc(0)) {
    const header = Buffer.alloc(HEADER);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(operation, 1);
    header.writeUInt16BE(key.length, 2);
    header.writeUInt8(extras.length, 4);
    header.writeUInt32BE(extras.length + key.length + value.length, 8);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (this.socket.destroyed) reject(new Error('the connection is closed'));
      this.socket.write(Buffer.concat([header, extras, Buffer.from(key), value]));
    });
  }

  login(user, password) {
    return this.ask(LOGIN, 'PLAIN', Buffer.from(`\0${user}\0${password}`));
  }

  close() {
    this.socket.destroy();
  }
}

const caches = () => JSON.parse(readFileSync(process.argv[2], 'utf8'));
const open = (of) => Connection.open(caches().find((now) => now.pod === of.pod)?.server ?? 'no server');

async function loggedIn(of) {
  const connection = await open(of);
  const { username, password } = JSON.parse(readFileSync(of.secret, 'utf8')).data;
  const status = await connection.login(atob(username), atob(password));
  if (status !== FOUND) throw new Error(`login refused with status ${status}`);
  return connection;
}

// Few keys are popular. The same key has the same size.
const someKey = (of) => Math.floor(of.keys * Math.random() ** 3);
const sizeOf = (of, key) => Math.floor(of.bytes * (0.2 + 1.6 * (((key * 2654435761) >>> 0) / 2 ** 32)));

async function request(of, connection) {
  const number = someKey(of);
  const key = `item:${number}`;
  if (Math.random() < 0.02) {
    await connection.ask(DELETE, key);
  } else if ((await connection.ask(GET, key)) === MISSING) {
    // Flags, and an expiry in seconds.
    const extras = Buffer.alloc(8);
    extras.writeUInt32BE(3600, 4);
    await connection.ask(SET, key, Buffer.alloc(sizeOf(of, number), 'x'), extras);
  }
}

/** Requests on one connection, which is replaced now and then, and after a failure. */
async function client(of) {
  for (;;) {
    try {
      const connection = await loggedIn(of);
      const until = Date.now() + 10_000 + 20_000 * Math.random();
      while (Date.now() < until) {
        const rate = of.rate * (1 + 0.6 * Math.sin(minutes() * 1.3 + of.rate));
        const begun = Date.now();
        for (let i = 0; i < rate / 10; i++) await request(of, connection);
        await sleep(Math.max(0, 100 - (Date.now() - begun)));
      }
      connection.close();
    } catch (error) {
      console.error(`${of.pod}: ${error.message}`);
      await sleep(1000);
    }
  }
}

/** Open connections without a request, more in the middle of the recording. */
async function idle(of) {
  const open = [];
  for (;;) {
    const wanted = Math.round(of.idle * Math.max(0, Math.sin(minutes() * 0.4)));
    while (open.length > wanted) open.pop().close();
    try {
      while (open.length < wanted) open.push(await loggedIn(of));
    } catch (error) {
      console.error(`${of.pod}: ${error.message}`);
    }
    await sleep(2000);
  }
}

/** Somebody who guesses passwords for a minute, and stops. */
async function guesser(of) {
  for (;;) {
    if (minutes() > 3 && minutes() < 4) {
      try {
        const connection = await open(of);
        const status = await connection.login('web', `guess ${Math.random()}`);
        if (status !== REFUSED) throw new Error(`a guess was answered with status ${status}`);
        connection.close();
      } catch (error) {
        console.error(`${of.pod}: ${error.message}`);
      }
    }
    await sleep(400);
  }
}

await Promise.all(caches().flatMap((of) => [client(of), idle(of), ...(of.guessed ? [guesser(of)] : [])]));
