package io.securememcached.operator.endpoint;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Answers that count for a while, limited in number: the one that was used longest ago goes. */
final class RecentAnswers<K, V> {

  private record Answer<V>(V value, long until) {}

  private final int most;
  private final LongSupplier nanos;

  /** The one that was used longest ago first. */
  private final LinkedHashMap<K, Answer<V>> answers = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Without answers.
   *
   * @param nanos monotonic clock
   */
  RecentAnswers(int most, LongSupplier nanos) {
    this.most = most;
    this.nanos = nanos;
  }

  synchronized Optional<V> get(K key) {
    Answer<V> answer = answers.get(key);
    if (answer != null && answer.until() - nanos.getAsLong() <= 0) {
      answers.remove(key);
      return Optional.empty();
    }
    return Optional.ofNullable(answer).map(Answer::value);
  }

  synchronized void put(K key, V value, Duration time) {
    answers.put(key, new Answer<>(value, nanos.getAsLong() + time.toNanos()));
    if (answers.size() > most) {
      Map.Entry<K, Answer<V>> oldest = answers.firstEntry();
      answers.remove(oldest.getKey());
    }
  }

  synchronized int size() {
    return answers.size();
  }
}
