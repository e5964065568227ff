<?php
// Logs in to all servers of a SecureMemcached, then sets and gets keys on them. The login comes from a mounted Secret in the layout of the
// Service Binding specification: $SERVICE_BINDING_ROOT/memcached/ with a file for each of username, password and servers.
declare(strict_types=1);

const KEYS = 1000;
const ONE_HOUR = 3600;
const TIMEOUT_MILLIS = 3000;

function binding(string $key): string
{
    $file = (getenv('SERVICE_BINDING_ROOT') ?: '/bindings') . "/memcached/$key";
    $value = @file_get_contents($file);
    if ($value === false) {
        throw new RuntimeException("no binding: $file can't be read");
    }
    return $value;
}

function user(): string
{
    return getenv('MEMCACHED_USERNAME') ?: binding('username');
}

// A new client reads the files anew. A PHP request makes one; a long-running worker makes another when a login was refused.
function connect(): Memcached
{
    $client = new Memcached();
    $client->setOptions([
        Memcached::OPT_BINARY_PROTOCOL => true,
        Memcached::OPT_LIBKETAMA_COMPATIBLE => true,
        Memcached::OPT_CONNECT_TIMEOUT => TIMEOUT_MILLIS,
        Memcached::OPT_RECV_TIMEOUT => TIMEOUT_MILLIS * 1000,
        Memcached::OPT_SEND_TIMEOUT => TIMEOUT_MILLIS * 1000,
    ]);
    $client->setSaslAuthData(user(), binding('password'));
    foreach (explode(',', binding('servers')) as $server) {
        [$host, $port] = explode(':', $server);
        $client->addServer($host, (int) $port);
    }
    return $client;
}

final class Cache
{
    private Memcached $client;

    public function __construct()
    {
        $this->client = connect();
    }

    // Runs a request; when a server refuses the login, once more with what the files say by then.
    public function request(callable $run): mixed
    {
        $answer = $run($this->client);
        if (in_array($this->client->getResultCode(), [Memcached::RES_AUTH_FAILURE, Memcached::RES_AUTH_PROBLEM], true)) {
            $this->client = connect();
            $answer = $run($this->client);
        }
        if ($this->client->getResultCode() !== Memcached::RES_SUCCESS) {
            throw new RuntimeException('request as ' . user() . ': ' . $this->client->getLastErrorMessage());
        }
        return $answer;
    }
}

function check(): void
{
    $cache = new Cache();
    for ($i = 0; $i < KEYS; $i++) {
        $cache->request(fn (Memcached $client) => $client->set("php-$i", "value $i", ONE_HOUR));
    }
    for ($i = 0; $i < KEYS; $i++) {
        $value = $cache->request(fn (Memcached $client) => $client->get("php-$i"));
        if ($value !== "value $i") {
            throw new RuntimeException("php-$i came back as " . var_export($value, true));
        }
    }
    $statistics = $cache->request(fn (Memcached $client) => $client->getStats());
    $used = count(array_filter($statistics, fn (array $server) => $server['curr_items'] > 0));
    printf("ok: %d keys on %d servers as %s\n", KEYS, $used, user());
}

try {
    check();
} catch (RuntimeException $error) {
    fwrite(STDERR, "error: {$error->getMessage()}\n");
    exit(1);
}
