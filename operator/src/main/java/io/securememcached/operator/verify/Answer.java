package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.Reply;
import io.securememcached.operator.memcached.Status;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Result of one command that an unauthenticated client must not be able to run.
 *
 * @param text the command and its status, or why there is none
 */
record Answer(Kind kind, String text) {

  enum Kind {
    /** Status 0x20. */
    REFUSED,
    /** Executed or attempted: the missing login did not prevent it. */
    SERVED,
    /** Neither can be determined. */
    UNCLEAR
  }

  /** Statuses of a server that went on to look for the key or for memory. */
  private static final Set<Status> SERVED =
      Set.of(
          Status.SUCCESS,
          Status.KEY_NOT_FOUND,
          Status.KEY_EXISTS,
          Status.VALUE_TOO_LARGE,
          Status.NOT_STORED,
          Status.OUT_OF_MEMORY);

  /** A command on an open connection. */
  @FunctionalInterface
  interface Command {
    Reply send() throws MemcachedException;
  }

  /** Sends a command; a failure is a result, too. */
  static Answer to(String name, Command command) {
    try {
      Reply reply = command.send();
      return new Answer(kindOf(reply.status()), "%s 0x%02x".formatted(name, reply.code()));
    } catch (MemcachedException e) {
      return new Answer(Kind.UNCLEAR, e.getMessage());
    }
  }

  private static Kind kindOf(Status status) {
    if (status == Status.AUTH_ERROR) {
      return Kind.REFUSED;
    }
    return SERVED.contains(status) ? Kind.SERVED : Kind.UNCLEAR;
  }

  /** Passed if all were rejected, failed if one was served. */
  static Verdict verdict(List<Answer> answers) {
    String evidence = answers.stream().map(Answer::text).collect(Collectors.joining(", "));
    if (answers.stream().anyMatch(answer -> answer.kind == Kind.SERVED)) {
      return Verdict.failed(evidence);
    }
    return answers.stream().allMatch(answer -> answer.kind == Kind.REFUSED)
        ? Verdict.passed(evidence)
        : Verdict.unknown(evidence);
  }
}
