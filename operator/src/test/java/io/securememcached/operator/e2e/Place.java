package io.securememcached.operator.e2e;

/** Where a connection comes from: a pod, or a host outside of the cluster. Both have bash. */
interface Place {

  /** How a connection ended. */
  enum Reach {
    /** Somebody listens, and packets get there. */
    CONNECTED,
    /** Packets get there, but nobody listens. */
    REFUSED,
    /** Packets are dropped on the way. */
    TIMED_OUT
  }

  /** Runs a command there; the exit code is the answer. */
  Shell.Result run(String... command);

  /** Starts a command there, for its standard input and output. */
  Process start(String... command);

  /** Opens a TCP connection, waiting for three seconds: pods of one cluster are close. */
  default Reach reach(Server server) {
    Shell.Result result =
        run(
            "timeout",
            "3",
            "bash",
            "-c",
            "exec 3<>/dev/tcp/$0/$1",
            server.address(),
            Integer.toString(server.port()));
    if (result.code() == 0) {
      return Reach.CONNECTED;
    }
    if (result.code() == 124) {
      return Reach.TIMED_OUT;
    }
    if (result.errors().contains("Connection refused")) {
      return Reach.REFUSED;
    }
    throw new IllegalStateException(
        "A connection to " + server + " ended unexpectedly: " + result.errors());
  }

  /** Whether memcached answers a text command by UDP. */
  default boolean answersUdp(Server server) {
    // Eight bytes lead each datagram: request number, place among its datagrams, their number, 0.
    String question =
        "exec 3<>/dev/udp/$0/$1 && printf '\\0\\1\\0\\0\\0\\1\\0\\0version\\r\\n' >&3"
            + " && timeout 2 head -c 1 <&3 >/dev/null";
    return run("bash", "-c", question, server.address(), Integer.toString(server.port())).code()
        == 0;
  }
}
