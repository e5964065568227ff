// Logs in to all servers of a SecureMemcached, then sets and gets keys on them. The login comes from a mounted Secret in the layout of the
// Service Binding specification: $SERVICE_BINDING_ROOT/memcached/ with a file for each of username, password and servers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import HashRing from 'hashring';
import memjs from 'memjs';

const KEYS = 1000;
const ONE_HOUR = 3600;

const read = (key) => readFileSync(join(process.env.SERVICE_BINDING_ROOT ?? '/bindings', 'memcached', key), 'utf8');

function connect() {
  const username = process.env.MEMCACHED_USERNAME || read('username');
  const servers = read('servers').split(',');
  const client = memjs.Client.create(servers.join(','), {
    username,
    password: read('password'),
    timeout: 3, // seconds; half a second by default
    retries: 1, // that is: none
    logger: { log() {} }, // errors reach the caller anyway
  });
  // By default a hash modulo the number of servers: another number moves nearly all keys.
  const ring = new HashRing(servers);
  client.getServer = (key) => servers.indexOf(ring.get(key));
  return { client, username };
}

let cache;

// Runs a request; when a server refuses the login, once more with a new client, which logs in with what the files say by then.
async function request(run) {
  cache ??= connect();
  try {
    return await run(cache.client);
  } catch (error) {
    if (!String(error).includes('authentication failed')) throw error;
  }
  cache.client.close();
  cache = connect();
  try {
    return await run(cache.client);
  } catch (error) {
    throw new Error(`request as ${cache.username}: ${error.message ?? error}`);
  }
}

// How many items each server holds.
function items(client) {
  return Promise.all(
    client.servers.map(
      (server) =>
        new Promise((resolve, reject) => {
          client.statsWithKey('', (error, name, stats) => {
            if (name === `${server.host}:${server.port}`) {
              if (error) reject(error);
              else resolve(Number(stats.curr_items));
            }
          });
        }),
    ),
  );
}

async function main() {
  for (let i = 0; i < KEYS; i++) {
    await request((client) => client.set(`node-${i}`, `value ${i}`, { expires: ONE_HOUR }));
  }
  for (let i = 0; i < KEYS; i++) {
    const { value } = await request((client) => client.get(`node-${i}`));
    if (String(value) !== `value ${i}`) throw new Error(`node-${i} came back as ${value}`);
  }
  const used = (await items(cache.client)).filter((count) => count > 0).length;
  console.log(`ok: ${KEYS} keys on ${used} servers as ${cache.username}`);
}

try {
  await main();
} catch (error) {
  console.error(`error: ${error.message ?? error}`);
  process.exitCode = 1;
} finally {
  cache?.client.close();
}
