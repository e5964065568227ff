package io.securememcached.operator.sasl;

import static io.securememcached.operator.sasl.HashFormat.*;

import io.securememcached.operator.sasl.HashFormat.Pair;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lays pairs out as a hash file: the metadata page, one page a bucket, then the pages that a full
 * bucket goes on in. The number of buckets is a power of two, so that a bucket is the lower bits of
 * the hash, and bucket b is page b + 1.
 */
final class HashWriter {

  private static final int PAGES_PER_BUCKET = 4;

  private final List<ByteBuffer> pages = new ArrayList<>();
  private final int pageSize;
  private final int buckets;

  private HashWriter(int pageSize, int buckets) {
    this.pageSize = pageSize;
    this.buckets = buckets;
  }

  /**
   * Takes the shortest pages that hold the longest item: every server's logins are in the memory of
   * the API server, of the operator and of the kubelet, and are mostly free space in long ones.
   *
   * @param pairs with keys that differ, sorted by their unsigned bytes
   */
  static byte[] write(List<Pair> pairs) {
    return write(pairs, pageSize(pairs));
  }

  /**
   * How long the file is at most, without laying it out: there are at most half as many buckets as
   * pages that the pairs fill, or two; in a chain two neighbours hold more than one page's worth,
   * so chains have at most twice as many pages; one is the metadata page.
   */
  static long longest(List<Pair> pairs) {
    int pageSize = pageSize(pairs);
    long size = pairs.stream().mapToLong(Pair::size).sum();
    long filled = Math.ceilDiv(size, pageSize - ITEM_TABLE);
    return (1 + Math.max(2, filled / 2) + 2 * filled) * pageSize;
  }

  private static int pageSize(List<Pair> pairs) {
    int longest =
        pairs.stream()
            .mapToInt(pair -> Math.max(pair.key().length, pair.value().length))
            .max()
            .orElse(0);
    int pageSize = META_LENGTH;
    while (longest > pageSize / ITEMS_PER_PAGE) {
      pageSize *= 2;
    }
    return pageSize;
  }

  /**
   * @param pairs with keys that differ, sorted by their unsigned bytes
   * @param pageSize power of two, and at least {@value HashFormat#ITEMS_PER_PAGE} times as long as
   *     any item
   */
  static byte[] write(List<Pair> pairs, int pageSize) {
    HashWriter writer = new HashWriter(pageSize, buckets(pairs, pageSize));
    writer.addPage(PAGE_META);
    for (int bucket = 0; bucket < writer.buckets; bucket++) {
      writer.addPage(PAGE_SORTED);
    }
    // Per bucket, its last page: the one that takes the next pair.
    List<ByteBuffer> last = new ArrayList<>(writer.pages.subList(1, writer.pages.size()));
    for (Pair pair : pairs) {
      int bucket = hash(pair.key()) & (writer.buckets - 1);
      if (pair.size() > free(last.get(bucket))) {
        last.set(bucket, writer.chain(last.get(bucket)));
      }
      put(last.get(bucket), pair);
    }
    writer.fillMeta(pairs.size());
    return writer.toBytes();
  }

  /**
   * As few as make a bucket {@value #PAGES_PER_BUCKET} pages long on average; libdb starts with
   * two. More would find a key with fewer pages read, but the last page of each bucket is half
   * empty on average, and a Secret ends at 1 MiB.
   */
  private static int buckets(List<Pair> pairs, int pageSize) {
    int capacity = pageSize - ITEM_TABLE;
    long size = pairs.stream().mapToLong(Pair::size).sum();
    return Stream.iterate(2, buckets -> buckets * 2)
        .filter(buckets -> (long) buckets * PAGES_PER_BUCKET * capacity >= size)
        .findFirst()
        .orElseThrow();
  }

  private ByteBuffer addPage(byte type) {
    ByteBuffer page = ByteBuffer.allocate(pageSize).order(ByteOrder.LITTLE_ENDIAN);
    // Log sequence number 0/1: libdb's mark of a file outside any transaction log.
    page.putInt(LSN_OFFSET, 1).putInt(PAGE_NUMBER, pages.size()).put(TYPE, type);
    if (type == PAGE_SORTED) {
      page.putShort(FREE_END, (short) pageSize);
    }
    pages.add(page);
    return page;
  }

  private ByteBuffer chain(ByteBuffer full) {
    full.putInt(NEXT_PAGE, pages.size());
    return addPage(PAGE_SORTED).putInt(PREVIOUS_PAGE, full.getInt(PAGE_NUMBER));
  }

  private static int free(ByteBuffer page) {
    return page.getShort(FREE_END) - ITEM_TABLE - page.getShort(ENTRIES) * Short.BYTES;
  }

  private static void put(ByteBuffer page, Pair pair) {
    put(page, pair.key());
    put(page, pair.value());
  }

  /** Items grow down from the end of the page, the table of their offsets grows up to them. */
  private static void put(ByteBuffer page, byte[] item) {
    int start = page.getShort(FREE_END) - 1 - item.length;
    int entries = page.getShort(ENTRIES);
    page.put(start, ITEM_ON_PAGE).put(start + 1, item);
    page.putShort(ITEM_TABLE + entries * Short.BYTES, (short) start);
    page.putShort(ENTRIES, (short) (entries + 1)).putShort(FREE_END, (short) start);
  }

  private void fillMeta(int pairs) {
    ByteBuffer meta = pages.getFirst();
    meta.putInt(META_MAGIC, MAGIC).putInt(META_VERSION, VERSION).putInt(META_PAGE_SIZE, pageSize);
    meta.putInt(META_LAST_PAGE, pages.size() - 1);
    meta.putInt(META_MAX_BUCKET, buckets - 1);
    meta.putInt(META_HIGH_MASK, buckets - 1).putInt(META_LOW_MASK, buckets / 2 - 1);
    meta.putInt(META_ELEMENTS, pairs).putInt(META_HASH_CHECK, HASH_CHECK);
    // The buckets lie in one row, so each doubling has the same distance from bucket to page.
    for (int doubling = 0; doubling <= doubling(buckets - 1); doubling++) {
      meta.putInt(META_SPARES + doubling * Integer.BYTES, 1);
    }
  }

  /** Joins the pages and sets the file id: libdb wants it unique, so it is a digest of the rest. */
  private byte[] toBytes() {
    ByteBuffer file = ByteBuffer.allocate(pages.size() * pageSize);
    pages.forEach(file::put);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(file.array());
      return file.put(META_FILE_ID, digest, 0, FILE_ID_LENGTH).array();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
