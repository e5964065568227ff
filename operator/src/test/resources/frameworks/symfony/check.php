<?php
// Sets or finds keys through Symfony's cache.app, in a kernel with the configuration of the page.
require '/usr/share/php/Symfony/Bundle/FrameworkBundle/autoload.php';
require '/usr/share/php/Symfony/Component/Cache/autoload.php';
require '/usr/share/php/Symfony/Component/Yaml/autoload.php';
require "$argv[1]/MemcachedFactory.php";

use Symfony\Component\Config\Loader\LoaderInterface;
use Symfony\Component\DependencyInjection\ContainerBuilder;
use Symfony\Component\HttpKernel\Kernel;

const KEYS = 100;

final class TestKernel extends Kernel
{
    public function __construct(private string $configuration)
    {
        parent::__construct('prod', false);
    }

    public function registerBundles(): iterable
    {
        return [new Symfony\Bundle\FrameworkBundle\FrameworkBundle()];
    }

    public function registerContainerConfiguration(LoaderInterface $loader): void
    {
        $loader->load("$this->configuration/cache.yaml");
        $loader->load(fn (ContainerBuilder $container) => $container->setAlias('test.cache', 'cache.app')->setPublic(true));
    }

    public function getProjectDir(): string
    {
        return $this->configuration;
    }
}

$kernel = new TestKernel($argv[1]);
$kernel->boot();
$cache = $kernel->getContainer()->get('test.cache');
$found = 0;
for ($i = 0; $i < KEYS; $i++) {
    if ($argv[2] === 'set') {
        $cache->save($cache->getItem("symfony-$i")->set(['value' => $i])->expiresAfter(3600));
    } else {
        $found += (int) ($cache->getItem("symfony-$i")->get() === ['value' => $i]);
    }
}
echo $argv[2] === 'set' ? 'set ' . KEYS : "found $found", "\n";
