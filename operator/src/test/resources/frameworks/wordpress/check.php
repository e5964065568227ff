<?php
// Sets or finds keys through WordPress' object cache, with the drop-in of the page, in WordPress without its database.
const KEYS = 100;

define('ABSPATH', getenv('CHECK_WORDPRESS') . '/');
define('WP_CONTENT_DIR', $argv[1]);
define('WP_CACHE_KEY_SALT', 'shop');
define('SHORTINIT', true);
// Instead of a connection to the database.
$wpdb = new class {
    public $error = '';

    public function set_prefix($prefix)
    {
        return $prefix;
    }
};
$table_prefix = 'wp_';
require ABSPATH . 'wp-settings.php';

function check(bool $condition, string $what): void
{
    if (!$condition) {
        throw new RuntimeException($what);
    }
}

$found = 0;
for ($i = 0; $i < KEYS; $i++) {
    if ($argv[2] === 'set') {
        wp_cache_set("wordpress-$i", ['value' => $i], 'posts', 3600);
    } else {
        $found += (int) (wp_cache_get("wordpress-$i", 'posts') === ['value' => $i]);
    }
}
if ($found === KEYS) {
    // The rest of the interface, on keys that are there, so that the servers store nothing more.
    check(wp_cache_add('wordpress-0', 'other', 'posts') === false, 'add replaced a value');
    check(wp_cache_get_multiple(['wordpress-1', 'missing'], 'posts') === ['wordpress-1' => ['value' => 1], 'missing' => false], 'get_multiple');
    wp_cache_flush_runtime();
    check(wp_cache_get_multiple(['wordpress-1', 'missing'], 'posts') === ['wordpress-1' => ['value' => 1], 'missing' => false], 'get_multiple of servers');
    check(wp_cache_get('wordpress-1', 'users') === false, 'groups are not separate');
    wp_cache_set('count', 5, 'posts');
    check(wp_cache_incr('count', 2, 'posts') === 7 && wp_cache_decr('count', 9, 'posts') === 0, 'incr and decr');
    check(wp_cache_delete('count', 'posts') && wp_cache_get('count', 'posts', true) === false, 'delete');
    wp_cache_add_non_persistent_groups('temporary');
    check(wp_cache_add('a', 1, 'temporary') && !wp_cache_add('a', 2, 'temporary') && wp_cache_replace('a', 3, 'temporary'), 'a group that is not stored');
    check(!wp_cache_replace('b', 3, 'temporary') && wp_cache_get('a', 'temporary') === 3, 'replace in a group that is not stored');
}
echo $argv[2] === 'set' ? 'set ' . KEYS : "found $found", "\n";
