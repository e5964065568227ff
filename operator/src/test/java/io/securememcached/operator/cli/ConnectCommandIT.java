package io.securememcached.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code connect} of kubectl's plugin with a real memcached of this machine. The kubectl is played:
 * what it forwards to is that server's own port.
 */
class ConnectCommandIT {

  private static final String PASSWORD = "pass %s wörd \\x41'\"";

  private static final String KUBECTL =
      """
      #!/bin/bash
      case " $* " in
        *" get secret "*) cat "$PLAY/login" ;;
        *" get "*) printf '%s\\n' 'server cache-0 true' 'user sammy cache-credentials Active' ;;
        *" port-forward "*) echo "Warning: of kubectl" && echo "Forwarding from 127.0.0.1:$PORT -> 1" && exec sleep 60 ;;
      esac
      """;

  /** What is to be seen of a process and its children by whoever may look into /proc. */
  private static final String VISIBLE =
      "cat /proc/%1$d/cmdline /proc/%1$d/environ $(for p in $(pgrep --parent %1$d); do echo /proc/$p/cmdline /proc/$p/environ; done) | tr '\\0' '\\n'";

  /** In place of the programs that run after the login: keeps their environment and arguments. */
  private static final String SPY =
      """
      #!/bin/bash
      { env && printf '%s\\n' "${0##*/}" "$@"; } >>"$PLAY/seen"
      PATH=${PATH#*:} exec "${0##*/}" "$@"
      """;

  @TempDir Path directory;
  @TempDir Path play;
  private RealMemcached server;

  private record Run(int code, byte[] output, String errors) {
    String text() {
      return new String(output, StandardCharsets.UTF_8);
    }
  }

  @BeforeEach
  void serve() throws IOException {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    Files.writeString(
        directory.resolve(SaslConfig.CONFIG_FILE),
        SaslConfig.text().replace(SaslConfig.MOUNT_PATH, directory.toString()));
    Files.write(
        directory.resolve(SaslConfig.SASLDB_FILE),
        SaslDb.write(List.of(new SaslEntry("sammy", host, PASSWORD))));
    server = RealMemcached.start(directory);
    executable("kubectl", KUBECTL);
    login(PASSWORD);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void valueOfAnyBytesComesBackAsItWas() throws Exception {
    byte[] value = new byte[900_000];
    new Random(1).nextBytes(value);
    assertThat(run(value, "--", "set", "big").code()).isZero();
    assertThat(run("--", "get", "big").output()).isEqualTo(value);
    assertThat(run(new byte[0], "--", "set", "empty").code()).isZero();
    assertThat(run("--", "get", "empty")).extracting(Run::code, Run::text).contains(0, "");
  }

  @Test
  void expiryCountsFromNowHoweverLong() throws Exception {
    assertThat(run("--", "set", "--expire", "1", "short", "x").code()).isZero();
    assertThat(run("--", "set", "--expire=31536000", "year", "x").code()).isZero();
    await()
        .untilAsserted(
            () -> assertThat(run("--", "get", "short").errors()).isEqualTo("short: not found\n"));
    // As a number of seconds since 1970, a year would have expired long ago.
    assertThat(run("--", "get", "year").text()).isEqualTo("x");
  }

  @Test
  void whatTheServerRefusesIsSaid() throws Exception {
    Run large = run(new byte[1_100_000], "--", "set", "large");
    assertThat(large.errors()).contains("larger than the server takes (spec.maxItemSize)");
    assertThat(large.code()).isOne();
    assertThat(run("--", "delete", "none")).extracting(Run::code).isEqualTo(1);
  }

  @Test
  void sessionRunsCommandsUntilTheEnd() throws Exception {
    Run run =
        run(
            """
            version
            set --expire 60 key  two  words
            get key
            bogus
            set key
            delete key
            get key
            stats settings
            """
                .getBytes(StandardCharsets.UTF_8));
    assertThat(run.text())
        .startsWith("1.")
        .contains("\ntwo  words\n", "auth_enabled_sasl yes\n", "udpport 0\n");
    assertThat(run.errors())
        .isEqualTo(
            "unknown command 'bogus': expected get, set, delete, stats, version, help or quit\nset needs a KEY and a VALUE\nkey: not found\n");
    assertThat(run.code()).isOne();
    assertThat(run("quit\nversion".getBytes(StandardCharsets.UTF_8)))
        .extracting(Run::code, Run::text)
        .containsExactly(0, "");
    assertThat(run("bogus\nquit\nversion".getBytes(StandardCharsets.UTF_8)))
        .extracting(Run::code, Run::text)
        .containsExactly(1, "");
  }

  @Test
  void rejectedLoginSaysWhereToLookAndGetsNothing() throws Exception {
    login("wrong");
    Run run = run("--", "version");
    assertThat(run.errors())
        .contains("cache-0 rejected the login of user sammy in Secret cache-credentials");
    assertThat(run.output()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void serverThatIsGoneIsSaid() throws Exception {
    server.close();
    Run run = run("--", "version");
    assertThat(run.errors()).contains("Warning: of kubectl\n", "no answer from cache-0");
    assertThat(run.code()).isEqualTo(2);
  }

  /** The last byte of an answer that was announced never comes. */
  @Test
  void serverThatStallsWithinAnAnswerIsGivenUp() throws Exception {
    try (ServerSocket stalling = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> served =
          CompletableFuture.runAsync(
              () -> {
                try (Socket client = stalling.accept()) {
                  client.getOutputStream().write(answer(0));
                  client.getOutputStream().write(answer(5));
                  client.getOutputStream().write("1.6.".getBytes(StandardCharsets.UTF_8));
                  client.getInputStream().readAllBytes();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      ProcessBuilder builder = builder("--", "version");
      builder.environment().put("PORT", Integer.toString(stalling.getLocalPort()));
      Run run = run(builder, new byte[0]);
      assertThat(run.errors()).contains("no answer from cache-0", "nothing came for 10 s");
      assertThat(run.code()).isEqualTo(2);
      served.get(20, TimeUnit.SECONDS);
    }
  }

  /** Head of a response in the binary protocol. */
  private static byte[] answer(int length) {
    return ByteBuffer.allocate(24).put((byte) 0x81).putInt(8, length).array();
  }

  /** Neither in arguments nor in environments, which this would find, nor in files. */
  @Test
  void passwordIsNowhereToBeSeen() throws Exception {
    for (String program : List.of("dd", "od", "sed")) {
      executable(program, SPY);
    }
    Process session = builder().start();
    try (OutputStream input = session.getOutputStream();
        InputStream output = session.getInputStream()) {
      input.write("version\n".getBytes(StandardCharsets.UTF_8));
      input.flush();
      assertThat(output.read()).isEqualTo('1');
      Process look = new ProcessBuilder("bash", "-c", VISIBLE.formatted(session.pid())).start();
      String visible = new String(look.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(visible)
          .contains("connect\ncache\n", "sleep\n60\n", "PLAY=" + play)
          .doesNotContain(PASSWORD);
      assertThat(Files.readString(play.resolve("seen")))
          .contains("\ndd\n", "\nod\n", "\nsed\n", "PLAY=" + play)
          .doesNotContain(PASSWORD);
      assertThat(filesUnder(play))
          .containsExactlyInAnyOrder("kubectl", "login", "err", "seen", "dd", "od", "sed");
    }
    assertThat(session.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(session.exitValue()).isZero();
    assertThat(session.descendants()).isEmpty();
  }

  /** Nor in a trace of the plugin, which somebody could attach to a report. */
  @Test
  void traceHasNoPassword() throws Exception {
    ProcessBuilder traced = builder("--", "version");
    traced.command().addAll(0, List.of("bash", "-x"));
    Run run = run(traced, new byte[0]);
    assertThat(run.text()).startsWith("1.");
    // The trace quotes the password, but not its beginning.
    assertThat(run.errors()).contains("+ log_in\n").doesNotContain("pass %s");
    assertThat(run.code()).isZero();
  }

  private static List<String> filesUnder(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.skip(1).map(file -> folder.relativize(file).toString()).toList();
    }
  }

  private void executable(String name, String script) throws IOException {
    Path file = Files.writeString(play.resolve(name), script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void login(String password) throws IOException {
    Files.writeString(play.resolve("login"), "sammy\n" + password);
  }

  private Run run(String... arguments) throws Exception {
    return run(new byte[0], arguments);
  }

  private Run run(byte[] input, String... arguments) throws Exception {
    return run(builder(arguments), input);
  }

  private Run run(ProcessBuilder builder, byte[] input) throws Exception {
    Path given = Files.write(play.resolve("given"), input);
    Path output = play.resolve("out");
    Process process = builder.redirectInput(given.toFile()).redirectOutput(output.toFile()).start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Run(
        process.exitValue(),
        Files.readAllBytes(output),
        Files.readString(play.resolve("err"), StandardCharsets.UTF_8));
  }

  private ProcessBuilder builder(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Guarded.ROOT.resolve("plugin/kubectl-securememcached").toString(),
                "connect",
                "cache",
                "-n",
                "shop"));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(play.resolve("err").toFile());
    builder.environment().put("PLAY", play.toString());
    builder.environment().put("TMPDIR", play.toString());
    builder.environment().put("PORT", Integer.toString(server.address().getPort()));
    builder.environment().merge("PATH", play.toString(), (old, first) -> first + ":" + old);
    return builder;
  }
}
