<?php
// Sets or finds keys through Laravel's cache manager, with the config/cache.php of the page.
require '/usr/share/php/Illuminate/Cache/autoload.php';
require '/usr/share/php/Illuminate/Config/autoload.php';
require '/usr/share/php/Illuminate/Container/autoload.php';

const KEYS = 100;

$app = new Illuminate\Container\Container();
$app->singleton('config', fn () => new Illuminate\Config\Repository(['cache' => require "$argv[1]/cache.php"]));
$app->singleton('memcached.connector', fn () => new Illuminate\Cache\MemcachedConnector());
$cache = new Illuminate\Cache\CacheManager($app);
$found = 0;
for ($i = 0; $i < KEYS; $i++) {
    if ($argv[2] === 'set') {
        $cache->put("laravel-$i", ['value' => $i], 3600);
    } else {
        $found += (int) ($cache->get("laravel-$i") === ['value' => $i]);
    }
}
echo $argv[2] === 'set' ? 'set ' . KEYS : "found $found", "\n";
