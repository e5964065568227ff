package io.securememcached.operator.sasl;

import static io.securememcached.operator.sasl.HashFormat.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Reads all items of a hash file, and checks every number in it before using it. */
final class HashReader {

  private final ByteBuffer file;
  private final HashMeta meta;
  private final BitSet visited = new BitSet();
  private final List<HashItem> items = new ArrayList<>();

  /**
   * @throws SaslDbFormatException if the metadata page is damaged or foreign
   */
  HashReader(byte[] bytes) {
    file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    meta = HashMeta.read(file);
  }

  /** The items, bucket by bucket. */
  List<HashItem> read() {
    for (int bucket = 0; bucket <= meta.maxBucket(); bucket++) {
      int spare = META_SPARES + doubling(bucket) * Integer.BYTES;
      readChain(bucket, Integer.toUnsignedLong(bucket + file.getInt(spare)), spare);
    }
    return items;
  }

  private void readChain(int bucket, long first, int pointer) {
    long previous = 0;
    long page = first;
    int from = pointer;
    do {
      if (page == 0 || page > meta.lastPage()) {
        throw damaged(from, "page of bucket " + bucket, page + " of " + meta.lastPage());
      }
      if (visited.get((int) page)) {
        throw damaged(from, "page of bucket " + bucket, page + " is in use already");
      }
      visited.set((int) page);
      int start = (int) page * meta.pageSize();
      readPage(bucket, start, page, previous);
      previous = page;
      from = start + NEXT_PAGE;
      page = Integer.toUnsignedLong(file.getInt(from));
    } while (page != 0);
  }

  private void readPage(int bucket, int start, long number, long previous) {
    byte type = file.get(start + TYPE);
    int entries = Short.toUnsignedInt(file.getShort(start + ENTRIES));
    // libdb leaves the page of a bucket that never held an item all zero.
    if (type == 0 && entries == 0 && file.getInt(start + PAGE_NUMBER) == 0) {
      return;
    }
    if (type != PAGE_SORTED && type != PAGE_UNSORTED) {
      throw damaged(start + TYPE, "page type", type + " is not a hash page");
    }
    expect(start + PAGE_NUMBER, "page number", number);
    expect(start + PREVIOUS_PAGE, "previous page", previous);
    if (entries % 2 != 0 || entries * Short.BYTES > meta.pageSize() - ITEM_TABLE) {
      throw damaged(start + ENTRIES, "number of items", String.valueOf(entries));
    }
    int end = meta.pageSize();
    for (int i = 0; i < entries; i += 2) {
      int keyStart = itemStart(start, entries, i, end);
      int valueStart = itemStart(start, entries, i + 1, keyStart);
      HashItem item =
          new HashItem(
              start + keyStart,
              slice(start + keyStart, start + end),
              slice(start + valueStart, start + keyStart));
      if (meta.bucket(item.key()) != bucket) {
        throw damaged(start + keyStart, "key", "does not hash to bucket " + bucket);
      }
      requireOrder(type, i, item);
      items.add(item);
      end = valueStart;
    }
  }

  /** libdb looks keys up by halving, and so would not find what lies out of order. */
  private void requireOrder(byte type, int index, HashItem item) {
    if (type == PAGE_SORTED
        && index > 0
        && Arrays.compareUnsigned(items.getLast().key(), item.key()) >= 0) {
      throw damaged(item.offset(), "key", "is not sorted after the one before it");
    }
  }

  private int itemStart(int pageStart, int entries, int index, int end) {
    int at = pageStart + ITEM_TABLE + index * Short.BYTES;
    int start = Short.toUnsignedInt(file.getShort(at));
    if (start < ITEM_TABLE + entries * Short.BYTES || start >= end) {
      throw damaged(at, "item offset", start + " is outside the page's item area");
    }
    byte type = file.get(pageStart + start);
    if (type != ITEM_ON_PAGE) {
      throw damaged(
          pageStart + start, "item type", type + "; only items that lie on their page are read");
    }
    return start;
  }

  /** The bytes of an item without its type. */
  private byte[] slice(int start, int end) {
    byte[] bytes = new byte[end - start - 1];
    file.get(start + 1, bytes);
    return bytes;
  }

  private void expect(int offset, String field, long expected) {
    long found = Integer.toUnsignedLong(file.getInt(offset));
    if (found != expected) {
      throw damaged(offset, field, found + " instead of " + expected);
    }
  }

  private static SaslDbFormatException damaged(int offset, String field, String problem) {
    return new SaslDbFormatException(offset, field, problem);
  }
}
