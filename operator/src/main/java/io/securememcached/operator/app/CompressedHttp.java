package io.securememcached.operator.app;

import com.github.mizosoft.methanol.Methanol;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;

/**
 * The JDK's HTTP client, asking for gzip. The API server packs lists of more than 128 KiB to less
 * than a tenth, and what is not sent is not decrypted: a JVM that just started is slow at it.
 */
final class CompressedHttp extends JdkHttpClientFactory {

  @Override
  protected HttpClient.Builder createNewHttpClientBuilder() {
    return Methanol.newBuilder();
  }
}
