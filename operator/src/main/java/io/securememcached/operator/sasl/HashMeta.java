package io.securememcached.operator.sasl;

import static io.securememcached.operator.sasl.HashFormat.*;

import java.nio.ByteBuffer;

/** What the metadata page of a hash file says, checked. */
record HashMeta(int pageSize, int lastPage, int maxBucket, int highMask, int lowMask) {

  /**
   * @param file little-endian
   * @throws SaslDbFormatException naming the first field that is damaged or foreign
   */
  static HashMeta read(ByteBuffer file) {
    if (file.capacity() < META_LENGTH) {
      throw new SaslDbFormatException(
          file.capacity(), "metadata page", "the file ends before byte " + META_LENGTH);
    }
    if (file.getInt(META_MAGIC) == Integer.reverseBytes(MAGIC)) {
      throw new SaslDbFormatException(META_MAGIC, "magic", "the file is big-endian");
    }
    expect(file, META_MAGIC, "magic", MAGIC);
    expect(file, META_VERSION, "version", VERSION);
    expectByte(file, META_ENCRYPTION, "encryption", 0);
    expectByte(file, TYPE, "page type", PAGE_META);
    // No checksums, partitions, duplicates or subdatabases: Cyrus SASL uses none of them.
    expectByte(file, META_METAFLAGS, "metaflags", 0);
    expect(file, META_FLAGS, "flags", 0);
    expect(file, META_HASH_CHECK, "h_charkey", HASH_CHECK);

    int pageSize = file.getInt(META_PAGE_SIZE);
    if (Integer.bitCount(pageSize) != 1
        || pageSize < META_LENGTH
        || pageSize > LARGEST_PAGE_SIZE
        || file.capacity() % pageSize != 0) {
      throw new SaslDbFormatException(
          META_PAGE_SIZE,
          "page size",
          "%d in a file of %d bytes".formatted(pageSize, file.capacity()));
    }
    int lastPage = file.capacity() / pageSize - 1;
    expect(file, META_LAST_PAGE, "last page", lastPage);
    int maxBucket = file.getInt(META_MAX_BUCKET);
    if (maxBucket < 0 || maxBucket >= lastPage) {
      throw new SaslDbFormatException(
          META_MAX_BUCKET, "max_bucket", maxBucket + " with last page " + lastPage);
    }
    int highMask = (1 << doubling(maxBucket)) - 1;
    expect(file, META_HIGH_MASK, "high_mask", highMask);
    if (maxBucket > 0) {
      expect(file, META_LOW_MASK, "low_mask", highMask >> 1);
    }
    return new HashMeta(pageSize, lastPage, maxBucket, highMask, highMask >> 1);
  }

  /**
   * The bucket of a key: buckets above the last one are not split off yet from their lower half.
   */
  int bucket(byte[] key) {
    int bucket = hash(key) & highMask;
    return bucket > maxBucket ? bucket & lowMask : bucket;
  }

  private static void expect(ByteBuffer file, int offset, String field, int expected) {
    int found = file.getInt(offset);
    if (found != expected) {
      throw new SaslDbFormatException(
          offset, field, "0x%x instead of 0x%x".formatted(found, expected));
    }
  }

  private static void expectByte(ByteBuffer file, int offset, String field, int expected) {
    byte found = file.get(offset);
    if (found != expected) {
      throw new SaslDbFormatException(offset, field, found + " instead of " + expected);
    }
  }
}
