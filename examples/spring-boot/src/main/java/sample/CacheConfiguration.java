package sample;

import java.io.IOException;
import java.net.InetSocketAddress;
import net.rubyeye.xmemcached.HashAlgorithm;
import net.rubyeye.xmemcached.MemcachedClient;
import net.rubyeye.xmemcached.XMemcachedClientBuilder;
import net.rubyeye.xmemcached.auth.AuthInfo;
import net.rubyeye.xmemcached.command.BinaryCommandFactory;
import net.rubyeye.xmemcached.impl.KetamaMemcachedSessionLocator;
import net.rubyeye.xmemcached.utils.AddrUtil;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration
class CacheConfiguration {

  private static final int TIMEOUT_MILLIS = 3000;

  @Bean(destroyMethod = "shutdown")
  MemcachedClient memcachedClient(BoundLogin login) throws IOException {
    String servers = login.servers().replace(',', ' ');
    XMemcachedClientBuilder builder = new XMemcachedClientBuilder(servers);
    builder.setCommandFactory(new BinaryCommandFactory());
    for (InetSocketAddress server : AddrUtil.getAddresses(servers)) {
      builder.addAuthInfo(server, new AuthInfo(login, new String[] {"PLAIN"}));
    }
    // By the servers' names and ports; the default takes addresses, and a new pod has a new one.
    builder.setSessionLocator(
        new KetamaMemcachedSessionLocator(HashAlgorithm.KETAMA_HASH, false, true));
    // By default the keys of a server that is down move to the others, and outdated ones may come
    // back with it.
    builder.setFailureMode(true);
    builder.setConnectTimeout(TIMEOUT_MILLIS);
    builder.setOpTimeout(TIMEOUT_MILLIS);
    return builder.build();
  }
}
