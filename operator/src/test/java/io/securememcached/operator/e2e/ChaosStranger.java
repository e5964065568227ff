package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A host that no zone lets in, and that knocks at every server's door all the time. At a server
 * that no policy selects it must get in, or it would prove nothing.
 */
final class ChaosStranger implements AutoCloseable {

  /** For each line with address and port: whether a connection comes about within 0.4 s. */
  private static final String KNOCK =
      "while read -r address port; do"
          + " if timeout 0.4 bash -c \"exec 3<>/dev/tcp/$address/$port\" 2>/dev/null;"
          + " then echo in; else echo out; fi; done";

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
        if (isIn(open.address(), open.port(), questions, answers)) {
          letInByTheOpenOne.incrementAndGet();
        }
        for (Pod pod : pods.reachable()) {
          boolean wasInvited = isInvited.getAsBoolean();
          boolean isIn = isIn(pod.getStatus().getPodIP(), 11211, questions, answers);
          knocks.incrementAndGet();
          if (isIn && !wasInvited && !isInvited.getAsBoolean() && pods.isSamePod(pod)) {
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

  private static boolean isIn(String address, int port, Writer questions, BufferedReader answers)
      throws IOException {
    questions.write(address + " " + port + "\n");
    questions.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("its shell has ended");
    }
    return answer.equals("in");
  }

  @Override
  public void close() {
    ended.set(true);
    process.destroy();
    thread.interrupt();
  }
}
