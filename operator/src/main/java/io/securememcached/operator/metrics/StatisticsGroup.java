package io.securememcached.operator.metrics;

/** A group of statistics that a server answers to one STAT. */
public enum StatisticsGroup {
  /** Of the whole server. */
  GENERAL("", "", false),
  /** The settings that the server runs with. */
  SETTINGS("settings", "", false),
  /** Of the items in each slab class, with keys such as {@code items:5:number}. */
  ITEMS("items", "items:", true),
  /** Of the memory of each slab class, with keys such as {@code 5:chunk_size}. */
  SLABS("slabs", "", true);

  private final String key;
  private final String prefix;
  private final boolean perSlabClass;

  StatisticsGroup(String key, String prefix, boolean perSlabClass) {
    this.key = key;
    this.prefix = prefix;
    this.perSlabClass = perSlabClass;
  }

  /** The group's name in a STAT; empty for the general one. */
  public String key() {
    return key;
  }

  /** What a key begins with, before the number of the slab class. */
  String prefix() {
    return prefix;
  }

  /** Whether most keys have the number of a slab class. */
  boolean isPerSlabClass() {
    return perSlabClass;
  }
}
