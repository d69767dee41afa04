/**
 * The log in one SQLite file, which survives the process. A writer thread owns the file; what
 * readers see in memory is the {@link io.anabranch.log.sqlite.View}.
 */
@NullMarked
package io.anabranch.log.sqlite;

import org.jspecify.annotations.NullMarked;
