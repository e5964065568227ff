package io.securememcached.operator.sasl;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Numbers of Berkeley DB's hash file, version 9, little-endian.
 *
 * <p>Source of each: libdb 5.3.28, {@code src/dbinc/db_page.h} for offsets and types, {@code
 * src/dbinc/hash.h} for page numbers and limits, {@code src/hash/hash_func.c} for the hash, {@code
 * src/hash/hash_verify.c} for what must hold between fields.
 */
final class HashFormat {

  static final int MAGIC = 0x061561;
  static final int VERSION = 9;

  /** Types of pages; libdb before 4.6 did not sort items on a page, and still reads such pages. */
  static final byte PAGE_UNSORTED = 2;

  static final byte PAGE_META = 8;
  static final byte PAGE_SORTED = 13;

  /** The only kind of item here: one that lies on the page itself. */
  static final byte ITEM_ON_PAGE = 1;

  // Fields that all pages have.
  static final int LSN_OFFSET = 4;
  static final int PAGE_NUMBER = 8;
  static final int TYPE = 25;

  // Fields of the metadata page.
  static final int META_MAGIC = 12;
  static final int META_VERSION = 16;
  static final int META_PAGE_SIZE = 20;
  static final int META_ENCRYPTION = 24;
  static final int META_METAFLAGS = 26;
  static final int META_LAST_PAGE = 32;
  static final int META_FLAGS = 48;
  static final int META_FILE_ID = 52;
  static final int META_MAX_BUCKET = 72;
  static final int META_HIGH_MASK = 76;
  static final int META_LOW_MASK = 80;
  static final int META_ELEMENTS = 88;
  static final int META_HASH_CHECK = 92;
  static final int META_SPARES = 96;

  static final int FILE_ID_LENGTH = 20;

  /** Shortest page, and the part of the first page that holds fields. */
  static final int META_LENGTH = 512;

  static final int LARGEST_PAGE_SIZE = 65536;

  /** An item longer than its page's size divided by this moves to pages of its own. */
  static final int ITEMS_PER_PAGE = 4;

  // Fields of a page of items, and where its table of item offsets starts.
  static final int PREVIOUS_PAGE = 12;
  static final int NEXT_PAGE = 16;
  static final int ENTRIES = 20;
  static final int FREE_END = 22;
  static final int ITEM_TABLE = 26;

  /** An opener whose hash function gives another value here must not use the file. */
  static final int HASH_CHECK = hash("%$sniglet^&\0".getBytes(US_ASCII));

  private HashFormat() {}

  /** A key and its value. */
  record Pair(byte[] key, byte[] value) {

    /** Bytes on a page: for each of both a type byte, the bytes, and two bytes in the table. */
    int size() {
      return key.length + value.length + 2 * (1 + Short.BYTES);
    }
  }

  /** Fowler/Noll/Vo's FNV-1 of 32 bits with a start value of 0, libdb's default. */
  static int hash(byte[] key) {
    int hash = 0;
    for (byte b : key) {
      hash = hash * 16777619 ^ Byte.toUnsignedInt(b);
    }
    return hash;
  }

  /** Index in the spares table for the page of a bucket: its doubling, log2 rounded up. */
  static int doubling(int bucket) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(bucket);
  }
}
