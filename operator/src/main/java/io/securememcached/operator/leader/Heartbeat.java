package io.securememcached.operator.leader;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.concurrent.CompletableFuture;

/**
 * Without leader election: this instance acts as long as the API server answers. One that is silent
 * leaves watches open that tell nothing more, and only a request of one's own notices it.
 */
public final class Heartbeat implements Leadership {

  private final KubernetesClient client;
  private final WritePermit permit;
  private final CompletableFuture<Void> leading = new CompletableFuture<>();
  private final Renewals renewals;

  /**
   * Asks from now on.
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
      // A refusal is an answer, too; what a proxy says for a server that is not there is none.
      if (e.getCode() <= 0 || e.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
        throw e;
      }
    }
    permit.renew(asked);
    leading.complete(null);
  }
}
