package sample;

import net.rubyeye.xmemcached.MemcachedClient;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Sets and gets keys on all servers of a SecureMemcached, and proves that each has got some. */
@SpringBootApplication
public class SampleApplication {

  private static final int KEYS = 1000;
  private static final int ONE_HOUR = 3600;

  public static void main(String[] arguments) {
    // Ends the process with the code of the runner: 0, or 1 after an exception.
    System.exit(SpringApplication.exit(SpringApplication.run(SampleApplication.class, arguments)));
  }

  @Bean
  CommandLineRunner check(MemcachedClient cache, BoundLogin login) {
    return arguments -> {
      for (int i = 0; i < KEYS; i++) {
        cache.set("spring-boot-" + i, ONE_HOUR, "value " + i);
      }
      for (int i = 0; i < KEYS; i++) {
        Object value = cache.get("spring-boot-" + i);
        if (!("value " + i).equals(value)) {
          throw new IllegalStateException("spring-boot-" + i + " came back as " + value);
        }
      }
      long used =
          cache.getStats().values().stream()
              .filter(statistics -> Long.parseLong(statistics.get("curr_items")) > 0)
              .count();
      System.out.printf("ok: %d keys on %d servers as %s%n", KEYS, used, login.user());
    };
  }
}
