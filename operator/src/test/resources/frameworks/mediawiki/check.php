<?php
// Sets or finds keys through MediaWiki's main cache, in a wiki with the settings of the page.
require_once getenv('MW_INSTALL_PATH') . '/maintenance/Maintenance.php';

const KEYS = 100;

class Check extends Maintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addArg('action', 'set or find');
    }

    public function execute()
    {
        $set = $this->getArg(0) === 'set';
        $cache = ObjectCache::getLocalClusterInstance();
        $found = 0;
        for ($i = 0; $i < KEYS; $i++) {
            $key = $cache->makeKey('check', $i);
            if ($set) {
                $cache->set($key, ['value' => $i], 3600);
            } else {
                $found += (int) ($cache->get($key) === ['value' => $i]);
            }
        }
        $this->output($set ? 'set ' . KEYS : "found $found");
    }
}

$maintClass = Check::class;
require_once RUN_MAINTENANCE_IF_MAIN;
