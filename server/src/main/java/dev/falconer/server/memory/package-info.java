/**
 * 64-byte-aligned native memory: slabs that requests borrow, blocks that states own, and the counts
 * that keep either alive. Depends on java.* alone.
 */
@NullMarked
package dev.falconer.server.memory;

import org.jspecify.annotations.NullMarked;
