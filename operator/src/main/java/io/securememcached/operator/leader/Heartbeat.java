package io.securememcached.operator.leader;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.concurrent.CompletableFuture;

/**
 * Without leader election: this instance acts as long as the API server answers. A silent one
 * leaves watches open without events, and only a separate request detects it.
 */
public final class Heartbeat implements Leadership {

  private final KubernetesClient client;
  private final WritePermit permit;
  private final CompletableFuture<Void> leading = new CompletableFuture<>();
  private final Renewals renewals;

  /**
   * Starts the requests.
   *
   * @param client with short time-outs; not closed here
   */
  public Heartbeat(KubernetesClient client, WritePermit permit) {
    this.client = client;
    this.permit = permit;
    renewals = Renewals.start("heartbeat", this::ask);
  }

  @Override
  public CompletableFuture<Void> leading() {
    return leading;
  }

  @Override
  public void release() {
    renewals.close();
    permit.giveBack();
  }

  private void ask() {
    long asked = permit.now();
    try {
      client.raw("/version");
    } catch (KubernetesClientException e) {
      // A rejection is a response, too; an error of a proxy for a missing server is not.
      if (e.getCode() <= 0 || e.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
        throw e;
      }
    }
    permit.renew(asked);
    leading.complete(null);
  }
}
