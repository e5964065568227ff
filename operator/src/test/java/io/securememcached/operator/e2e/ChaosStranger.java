package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A host that no zone lets in, and that knocks at every server's door all the time. At a server
 * that no policy selects it must get in, or it would prove nothing.
 */
final class ChaosStranger implements AutoCloseable {

  /**
   * For each line of addresses: those at which a connection to port 11211 comes about within 0.4 s.
   * All at once, as a server may be open for no longer.
   */
  private static final String KNOCK =
      "while read -r line; do"
          + " for address in $line; do"
          + " timeout 0.4 bash -c \"exec 3<>/dev/tcp/$address/11211\" 2>/dev/null"
          + " && printf '%s ' $address & done;"
          + " wait; echo; done";

  private final Process process;
  private final Thread thread;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicInteger knocks = new AtomicInteger();
  private final AtomicInteger letInByTheOpenOne = new AtomicInteger();

  /**
   * Begins to knock.
   *
   * @param open a server that no policy selects
   * @param isInvited whether somebody let it in on purpose, or did a moment ago
   */
  ChaosStranger(
      Place place, ChaosPods pods, Server open, BooleanSupplier isInvited, ChaosHistory history) {
    process = place.start("bash", "-c", KNOCK);
    thread = Thread.ofVirtual().start(() -> knock(pods, open, isInvited, history));
  }

  int knocks() {
    return knocks.get();
  }

  int letInByTheOpenOne() {
    return letInByTheOpenOne.get();
  }

  private void knock(ChaosPods pods, Server open, BooleanSupplier isInvited, ChaosHistory history) {
    try (Writer questions = process.outputWriter(StandardCharsets.US_ASCII);
        BufferedReader answers = process.inputReader(StandardCharsets.US_ASCII)) {
      while (!ended.get()) {
        boolean wasInvited = isInvited.getAsBoolean();
        List<Pod> servers = pods.withAddress();
        Set<String> in = in(open, servers, questions, answers);
        if (in.contains(open.address())) {
          letInByTheOpenOne.incrementAndGet();
        }
        for (Pod pod : servers) {
          knocks.incrementAndGet();
          if (in.contains(pod.getStatus().getPodIP())
              && !wasInvited
              && !isInvited.getAsBoolean()
              && pods.isSamePod(pod)) {
            history.violation("a stranger got in at " + pod.getMetadata().getName());
          }
        }
      }
    } catch (IOException e) {
      if (!ended.get()) {
        history.violation("the stranger could not go on: " + e);
      }
    }
  }

  /** Addresses at which it got in. */
  private static Set<String> in(
      Server open, List<Pod> servers, Writer questions, BufferedReader answers) throws IOException {
    String all =
        Stream.concat(
                Stream.of(open.address()), servers.stream().map(pod -> pod.getStatus().getPodIP()))
            .collect(Collectors.joining(" "));
    questions.write(all + "\n");
    questions.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("its shell has ended");
    }
    return Set.of(answer.strip().split(" "));
  }

  @Override
  public void close() {
    ended.set(true);
    process.destroy();
    thread.interrupt();
  }
}
