package io.securememcached.operator.verify;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.securememcached.operator.memcached.Deadline;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who rejects a connection: the server's own network stack, which answers with a TCP reset (RFC
 * 9293, 3.5.2), or a packet filter on the way, which answers with an ICMP error (RFC 1122, 3.2.2.1)
 * as kube-router's policies do. Java throws the same exception for both. Linux distinguishes them
 * since 5.8: it queues an ICMP error for a socket with IP_RECVERR (ip(7)), but never a reset.
 */
enum Refusal {
  /** The packet reached the server. */
  BY_SERVER,
  /** The packet was blocked. */
  BY_FILTER,
  /** No response, or a system that can't distinguish. */
  UNTOLD;

  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*");

  /**
   * Connects once more, without a byte of data.
   *
   * @param quiet how long to wait for a response
   */
  static Refusal of(InetSocketAddress address, Duration quiet) {
    return isTold(System.getProperty("os.name"), System.getProperty("os.version"))
        ? Native.connect(address, quiet)
        : UNTOLD;
  }

  static boolean isTold(String system, String release) {
    Matcher numbers = RELEASE.matcher(release);
    return system.equals("Linux")
        && ADDRESS.byteSize() == Long.BYTES
        && numbers.matches()
        && Integer.parseInt(numbers.group(1)) * 1000 + Integer.parseInt(numbers.group(2)) >= 5008;
  }

  /**
   * The C library's calls, looked up when the first one is needed. Numbers and layouts are those of
   * Linux with 64 bit, from asm-generic/socket.h, linux/in.h, linux/in6.h and linux/errqueue.h.
   */
  private static final class Native {

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int IPPROTO_IP = 0;
    private static final int IP_RECVERR = 11;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_RECVERR = 25;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int ECONNREFUSED = 111;
    private static final short POLLOUT = 4;
    private static final short POLLHUP = 16;
    private static final int MSG_ERRQUEUE = 0x2000;

    /** Of struct msghdr: where the pointer to the control data is, and its length. */
    private static final int MSGHDR_BYTES = 56;

    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;

    /** In the one control message: errno follows the header, then the origin. */
    private static final int CONTROL_BYTES = 512;

    private static final int ORIGIN = 16 + 4;
    private static final int ORIGIN_ICMP = 2;
    private static final int ORIGIN_ICMP6 = 3;

    private static final Duration PAUSE = Duration.ofMillis(2);

    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
        call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
        call("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CONNECT = call("connect", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle POLL = call("poll", ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMSG = call("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = call("close", JAVA_INT);

    private Native() {}

    static Refusal connect(InetSocketAddress address, Duration quiet) {
      boolean is6 = address.getAddress() instanceof Inet6Address;
      try (Arena arena = Arena.ofConfined()) {
        int socket =
            (int)
                SOCKET.invokeExact(
                    is6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (socket < 0) {
          return UNTOLD;
        }
        try {
          return connect(socket, is6, address, quiet, arena);
        } finally {
          CLOSE.invoke(socket);
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    private static Refusal connect(
        int socket, boolean is6, InetSocketAddress address, Duration quiet, Arena arena)
        throws Throwable {
      MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
      int asked =
          (int)
              SETSOCKOPT.invokeExact(
                  socket,
                  is6 ? IPPROTO_IPV6 : IPPROTO_IP,
                  is6 ? IPV6_RECVERR : IP_RECVERR,
                  on,
                  Integer.BYTES);
      if (asked != 0) {
        return UNTOLD;
      }
      MemorySegment to = sockaddr(address, arena);
      CONNECT.invoke(socket, to, (int) to.byteSize());
      MemorySegment pollfd = arena.allocate(Long.BYTES, Integer.BYTES);
      pollfd.set(JAVA_INT, 0, socket);
      pollfd.set(JAVA_SHORT, Integer.BYTES, POLLOUT);
      if (!isAnswered(pollfd, Deadline.after(quiet))) {
        return UNTOLD;
      }
      boolean isClosed = (pollfd.get(JAVA_SHORT, Integer.BYTES + Short.BYTES) & POLLHUP) != 0;
      return isIcmpQueued(socket, arena) ? BY_FILTER : answer(socket, isClosed, arena);
    }

    /** Never blocks in the call, which would pin the carrier of a virtual thread. */
    private static boolean isAnswered(MemorySegment pollfd, Deadline end) throws Throwable {
      int ready = (int) POLL.invokeExact(pollfd, 1L, 0);
      while (ready == 0 && !end.isOver()) {
        try {
          Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
        ready = (int) POLL.invokeExact(pollfd, 1L, 0);
      }
      return ready == 1;
    }

    private static boolean isIcmpQueued(int socket, Arena arena) throws Throwable {
      MemorySegment control = arena.allocate(CONTROL_BYTES, Long.BYTES);
      MemorySegment message = arena.allocate(MSGHDR_BYTES, Long.BYTES);
      message.set(ADDRESS, CONTROL, control);
      message.set(JAVA_LONG, CONTROL_LENGTH, CONTROL_BYTES);
      long received = (long) RECVMSG.invokeExact(socket, message, MSG_ERRQUEUE);
      byte origin = control.get(JAVA_BYTE, ORIGIN);
      return received >= 0 && (origin == ORIGIN_ICMP || origin == ORIGIN_ICMP6);
    }

    /** A socket that is closed without an error has sent nothing: there is no route. */
    private static Refusal answer(int socket, boolean isClosed, Arena arena) throws Throwable {
      MemorySegment error = arena.allocate(JAVA_INT);
      MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
      int got = (int) GETSOCKOPT.invokeExact(socket, SOL_SOCKET, SO_ERROR, error, length);
      int seen = error.get(JAVA_INT, 0);
      boolean isAnswered = isClosed ? seen == ECONNREFUSED : seen == 0;
      return got == 0 && isAnswered ? BY_SERVER : UNTOLD;
    }

    /** A struct sockaddr_in or sockaddr_in6. */
    private static MemorySegment sockaddr(InetSocketAddress address, Arena arena) {
      InetAddress host = address.getAddress();
      boolean is6 = host instanceof Inet6Address;
      MemorySegment to = arena.allocate(is6 ? 28 : 16, Integer.BYTES);
      to.set(JAVA_SHORT, 0, (short) (is6 ? AF_INET6 : AF_INET));
      to.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) address.getPort());
      MemorySegment.copy(host.getAddress(), 0, to, JAVA_BYTE, is6 ? 8 : 4, is6 ? 16 : 4);
      if (host instanceof Inet6Address scoped) {
        to.set(JAVA_INT, 24, scoped.getScopeId());
      }
      return to;
    }

    @SuppressWarnings("restricted")
    private static MethodHandle call(String name, MemoryLayout... arguments) {
      Linker linker = Linker.nativeLinker();
      // Only recvmsg returns a size instead of an int.
      MemoryLayout result = name.equals("recvmsg") ? JAVA_LONG : JAVA_INT;
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }
  }
}
