package io.securememcached.operator.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.securememcached.operator.resource.BindingFiles;
import io.securememcached.operator.rotation.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Libraries that read bindings of the Service Binding specification, on a Secret of the operator as
 * the kubelet shows it in a volume. The example for Spring Boot does the same for Java.
 */
class BindingLibrariesIT {

  private static final String PYTHON =
      """
      import json
      from pyservicebinding import binding
      print(json.dumps(binding.ServiceBinding().bindings("memcached", "securememcached")))
      """;

  private static final String NODE =
      """
      try {
        console.log(JSON.stringify(require('kube-service-bindings').getBinding(process.argv[1])));
      } catch (error) {
        console.log(`error: ${error.message}`);
      }
      """;

  @TempDir private static Path libraries;

  @TempDir private Path root;

  @BeforeAll
  static void install() throws Exception {
    // Installs Python and Node.js where they are missing.
    ClientExamples.original().build();
    run(Path.of("/"), "python3", "-m", "venv", libraries.toString());
    run(Path.of("/"), pip(), "install", "--quiet", "pyservicebinding==0.3.0");
    run(
        libraries,
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "kube-service-bindings@2.1.0");
  }

  @Test
  void pythonFindsTheBindingByItsType() throws Exception {
    Map<String, String> values = write();
    linkAsTheKubeletDoes(values.keySet());
    List<Map<String, String>> found =
        new ObjectMapper().readValue(run(root, python(), "-c", PYTHON), new TypeReference<>() {});
    assertThat(found).containsExactly(values);
    assertThat(values.get("servers").split(",")).hasSize(2);

    Files.writeString(root.resolve("memcached/..data/type"), "redis");
    assertThat(run(root, python(), "-c", PYTHON)).isEqualTo("[]");
  }

  /** So the example for Node.js reads the files by itself. */
  @Test
  void nodeKnowsNoMemcachedAndReadsNoVolume() throws Exception {
    Map<String, String> values = write();
    assertThat(run(root, "node", "-e", NODE)).contains(values.get("servers"), values.get("uri"));
    assertThat(run(root, "node", "-e", NODE, "MEMCACHED")).endsWith("error: Unknown service type");

    linkAsTheKubeletDoes(values.keySet());
    assertThat(run(root, "node", "-e", NODE)).startsWith("error: EISDIR");
  }

  private Map<String, String> write() throws IOException {
    return BindingFiles.write(
        root, "shop", "sessions", 2, new Login("sammy", "letters-and-digits-only"));
  }

  /** Files are links through a folder that is replaced as a whole. */
  private void linkAsTheKubeletDoes(Set<String> keys) throws IOException {
    Path folder = root.resolve("memcached");
    Path version = Files.createDirectory(folder.resolve("..2026_11_29_06_00_00.1"));
    Files.createSymbolicLink(folder.resolve("..data"), version.getFileName());
    for (String key : keys) {
      Files.move(folder.resolve(key), version.resolve(key));
      Files.createSymbolicLink(folder.resolve(key), Path.of("..data", key));
    }
  }

  private static String python() {
    return libraries.resolve("bin/python").toString();
  }

  private static String pip() {
    return libraries.resolve("bin/pip").toString();
  }

  /** Standard output of a command that must succeed; bindings are in the given folder. */
  private static String run(Path bindings, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(libraries.toFile());
    builder.environment().put("SERVICE_BINDING_ROOT", bindings.toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }
}
