<?php
// Sets or finds sessions through PHP's session handler, with the env.php of Magento's page.
const KEYS = 100;

$session = (require "$argv[1]/env.php")['session'];
// As Magento's session manager does.
ini_set('session.save_handler', $session['save']);
ini_set('session.save_path', $session['save_path']);
ini_set('session.use_cookies', '0');
// Writes a session that another test has set, too: PHP would extend its time only, which the servers don't count as a write.
ini_set('session.lazy_write', '0');
$found = 0;
for ($i = 0; $i < KEYS; $i++) {
    session_id("magento$i");
    session_start();
    if ($argv[2] === 'set') {
        $_SESSION['value'] = $i;
        session_write_close();
    } else {
        $found += (int) (($_SESSION['value'] ?? null) === $i);
        session_abort();
    }
}
fwrite(STDOUT, ($argv[2] === 'set' ? 'set ' . KEYS : "found $found") . "\n");
