package io.securememcached.operator.e2e;

import com.sun.net.httpserver.HttpServer;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;

/**
 * A folder over HTTP, as Flux' source-controller serves what it has read from a repository: an
 * archive, named in the status of a source (source.toolkit.fluxcd.io/v1, type Artifact).
 */
final class ServedFolder implements AutoCloseable {

  private final Path archives;
  private final HttpServer server;
  private String revision = "";

  ServedFolder(Path folder) throws IOException {
    archives = Files.createDirectories(folder.resolve("archives"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] archive =
              Files.readAllBytes(
                  archives.resolve(Path.of(exchange.getRequestURI().getPath()).getFileName()));
          exchange.sendResponseHeaders(200, archive.length);
          exchange.getResponseBody().write(archive);
          exchange.close();
        });
    server.start();
  }

  /** Packs a folder as it is now; the artifact as JSON. */
  String pack(Path folder, String name) throws IOException {
    Path archive = archives.resolve(name + "-" + System.nanoTime() + ".tar.gz");
    Shell.run(
        Guarded.ROOT,
        Map.of(),
        Duration.ofMinutes(1),
        "tar",
        "--create",
        "--gzip",
        "--file=" + archive,
        "--directory=" + folder,
        ".");
    String digest = digest(Files.readAllBytes(archive));
    revision = "main@sha1:" + digest.substring(0, 40);
    return """
        {"digest": "sha256:%s", "lastUpdateTime": "%s", "path": "%s", "revision": "%s", "url": "http://127.0.0.1:%d/%s"}"""
        .formatted(
            digest,
            Instant.now(),
            archive.getFileName(),
            revision,
            server.getAddress().getPort(),
            archive.getFileName());
  }

  /** Of the last archive. */
  String revision() {
    return revision;
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
