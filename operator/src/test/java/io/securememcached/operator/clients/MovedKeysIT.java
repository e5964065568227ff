package io.securememcached.operator.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.resource.BindingFiles;
import io.securememcached.operator.rotation.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which keys move to another server when a resource is scaled or a login rotates. Each example sets
 * its keys on two, three and four real servers, and these are asked for them. Names, keys and
 * hashes are always the same, so the shares are exact, and docs/clients.md has them.
 *
 * <p>The counter-example is the same program without the lines that make it use a ring.
 */
class MovedKeysIT {

  private static final String PAGE = "docs/clients.md";
  private static final String HEADER =
      "| library | keys are spread by | 2 → 3 servers | 3 → 4 servers | new login |\n"
          + "| --- | --- | --- | --- | --- |\n";

  private static final int KEYS = 1000;
  private static final Login LOGIN = new Login("sammy", "first-password");
  private static final Login NEXT = new Login("sammy_2", "second-password");

  /** What the libraries do when they are not told to use a ring. */
  private static final Map<String, String> DEFAULTS =
      new TreeMap<>(
          Map.of(
              "go", "modulo (`NewMC` with all servers)",
              "java-spymemcached", "modulo (`ArrayModNodeLocator`)",
              "java-xmemcached", "modulo (`ArrayMemcachedSessionLocator`)",
              "node", "modulo",
              "php", "modulo (`DISTRIBUTION_MODULA`)",
              "python", "`DistributedClient`",
              "spring-boot", "modulo (`ArrayMemcachedSessionLocator`)"));

  private static final Map<String, String> RINGS =
      Map.of(
          "go", "the example: rendezvous hashing (go-rendezvous)",
          "java-spymemcached", "the example: `KetamaNodeLocator` by names",
          "java-xmemcached", "the example: `KetamaMemcachedSessionLocator` by names",
          "node", "the example: `HashRing` (hashring)",
          "php", "the example: `OPT_LIBKETAMA_COMPATIBLE`",
          "python", "the example: `HashRing` (uhashring)",
          "ruby", "the example, which is the default: ring of names",
          "spring-boot", "the example: `KetamaMemcachedSessionLocator` by names");

  /**
   * Shares of the keys that move, in per mille.
   *
   * @param third when a third server is added
   * @param fourth when a fourth one is added
   * @param login when two servers stay and the login changes
   */
  private record Moved(int third, int fourth, int login) {

    String row(String library, String by) {
      return "| `%s` | %s | %s | %s | %s |\n"
          .formatted(library, by, percent(third), percent(fourth), percent(login));
    }

    private static String percent(int share) {
      return String.format(Locale.ROOT, "%.1f %%", share / 10.0);
    }
  }

  @TempDir private static Path folder;
  private static final Map<String, Moved> withRing = new TreeMap<>();
  private static final Map<String, Moved> byDefault = new TreeMap<>();

  @BeforeAll
  static void measure() throws Exception {
    ClientExamples examples = ClientExamples.original();
    examples.build();
    for (String name : examples.names()) {
      withRing.put(name, moved(examples, name));
    }
    ClientExamples defaults = withoutRings();
    defaults.build();
    for (String name : DEFAULTS.keySet()) {
      byDefault.put(name, moved(defaults, name));
    }
  }

  @Test
  void examplesMoveFewKeys() {
    assertThat(withRing)
        .hasSizeGreaterThan(7)
        .allSatisfy(
            (name, moved) -> {
              // A third and a fourth would be perfect.
              assertThat(moved.third()).isBetween(200, 450);
              assertThat(moved.fourth()).isBetween(150, 400);
              assertThat(moved.login()).isZero();
            });
  }

  /** The counter-example. */
  @Test
  void moduloMovesMostKeys() {
    assertThat(byDefault.entrySet())
        .filteredOn(entry -> DEFAULTS.get(entry.getKey()).startsWith("modulo"))
        .hasSize(6)
        .allSatisfy(
            entry -> {
              // Two thirds and three quarters.
              assertThat(entry.getValue().third()).isBetween(620, 720);
              assertThat(entry.getValue().fourth()).isBetween(700, 800);
              assertThat(entry.getValue().login()).isZero();
            });
    assertThat(byDefault.get("python").login()).isGreaterThan(300);
  }

  @Test
  void pageHasTheseShares() throws IOException {
    StringBuilder rows = new StringBuilder();
    withRing.forEach((name, moved) -> rows.append(moved.row(name, RINGS.get(name))));
    byDefault.forEach((name, moved) -> rows.append(moved.row(name, DEFAULTS.get(name))));
    System.out.println(rows);
    String page = Files.readString(Guarded.ROOT.resolve(PAGE));
    assertThat(page).contains(HEADER);
    int start = page.indexOf(HEADER) + HEADER.length();
    Guarded.assertUpToDate(
        PAGE,
        page.substring(0, start) + rows + page.substring(page.indexOf("\n\n", start - 1) + 1));
  }

  /** The examples without the lines that tell the library to use a ring of names. */
  private static ClientExamples withoutRings() throws IOException {
    ClientExamples copy = ClientExamples.copy(folder.resolve("copy"), "clients-without-rings");
    copy.edit(
        "examples/clients/go/main.go",
        "mc.NewMCwithConfig(server,",
        "mc.NewMCwithConfig(c.login.servers,");
    copy.edit("examples/clients/node/client.js", "client.getServer = ", "client.unused = ");
    copy.edit(
        "examples/clients/php/client.php", "Memcached::OPT_LIBKETAMA_COMPATIBLE => true,", "");
    copy.edit(
        "examples/clients/python/client.py",
        "bmemcached.Client(\n                (server,),",
        "bmemcached.DistributedClient(\n                self.login.servers,");
    for (String file :
        List.of(
            "clients/java-xmemcached/src/main/java/client/Main.java",
            "spring-boot/src/main/java/sample/CacheConfiguration.java")) {
      copy.edit(
          "examples/" + file,
          "builder.setSessionLocator(\n"
              + "        new KetamaMemcachedSessionLocator(HashAlgorithm.KETAMA_HASH, false, true));",
          "");
    }
    String connections = "examples/clients/java-spymemcached/src/main/java/client/Connections.java";
    copy.edit(
        connections,
        "super(DEFAULT_OP_QUEUE_LEN, DEFAULT_READ_BUFFER_SIZE, DefaultHashAlgorithm.KETAMA_HASH)",
        "super()");
    copy.edit(
        connections,
        "return new KetamaNodeLocator(\n"
            + "        nodes, getHashAlg(), KetamaNodeKeyFormatter.Format.LIBMEMCACHED, Map.of());",
        "return super.createLocator(nodes);");
    return copy;
  }

  private static Moved moved(ClientExamples examples, String name) throws Exception {
    List<Map<String, Integer>> holders = new ArrayList<>();
    for (int servers = 2; servers <= 4; servers++) {
      holders.add(holders(examples, name, servers, LOGIN));
    }
    return new Moved(
        difference(holders.get(0), holders.get(1)),
        difference(holders.get(1), holders.get(2)),
        difference(holders.get(0), holders(examples, name, 2, NEXT)));
  }

  private static int difference(Map<String, Integer> before, Map<String, Integer> after) {
    return (int)
        before.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(after.get(entry.getKey())))
            .count();
  }

  /** Where an example's keys are, after it set them on so many empty servers. */
  private static Map<String, Integer> holders(
      ClientExamples examples, String name, int servers, Login login) throws Exception {
    Path scratch = Files.createTempDirectory(folder, name);
    Path bindings = scratch.resolve("bindings");
    Map<String, String> binding =
        BindingFiles.write(bindings, "shop", NamedServers.REALM, servers, login);
    List<String> hosts =
        List.of(binding.get("servers").split(",")).stream()
            .map(server -> server.split(":")[0])
            .toList();
    try (NamedServers running = new NamedServers(scratch, servers, List.of(login))) {
      String output =
          examples.run(
              name,
              NamedServers.reach(scratch, hosts),
              Map.of(
                  "SERVICE_BINDING_ROOT",
                  bindings.toString(),
                  "MEMCACHED_USERNAME",
                  login.name() + "@" + NamedServers.REALM));
      assertThat(output).contains("ok: " + KEYS + " keys on ");
      List<String> keys = IntStream.range(0, KEYS).mapToObj(i -> name + "-" + i).toList();
      Map<String, Integer> holders = running.holders(keys, login);
      assertThat(holders).hasSize(KEYS);
      assertThat(holders.values().stream().distinct().collect(Collectors.toSet())).hasSize(servers);
      return holders;
    }
  }
}
