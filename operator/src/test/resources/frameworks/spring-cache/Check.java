package sample;

import java.util.Map;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/** Sets or finds keys by Spring's annotations, with the configuration of the page. */
@SpringBootApplication
public class Check {

  private static final int KEYS = 100;

  public static void main(String[] arguments) {
    SpringApplication application = new SpringApplication(Check.class);
    // Its log goes to standard output, which has the result.
    application.setDefaultProperties(
        Map.of("spring.main.banner-mode", "off", "logging.level.root", "off"));
    System.exit(SpringApplication.exit(application.run(arguments)));
  }

  @Component
  static class Products {

    @CachePut("products")
    public Map<String, Integer> store(int number) {
      return Map.of("value", number);
    }

    /** Runs only where the cache has nothing. */
    @Cacheable("products")
    public Map<String, Integer> find(int number) {
      return Map.of("missing", number);
    }
  }

  @Bean
  CommandLineRunner runner(Products products) {
    return arguments -> {
      boolean set = arguments[0].equals("set");
      int found = 0;
      for (int i = 0; i < KEYS; i++) {
        if (set) {
          products.store(i);
        } else if (products.find(i).equals(Map.of("value", i))) {
          found++;
        }
      }
      System.out.println(set ? "set " + KEYS : "found " + found);
    };
  }
}
