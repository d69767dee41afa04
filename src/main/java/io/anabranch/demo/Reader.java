package io.anabranch.demo;

/**
 * Who borrows and returns.
 *
 * @param name a token's user, or the name that a visitor chose
 * @param guest whether it is a visitor's: one who calls himself alice is not the user alice
 */
record Reader(String name, boolean guest) {}
