package io.anabranch.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShelfTest {
    private static final Reader ANN = new Reader("Ann", true);

    @TempDir Path directory;

    @Test
    void remembersWhoHasABookAndSinceWhen() throws Exception {
        String path = directory.resolve("new/library.db").toString();
        try (Shelf shelf = Shelf.open(path, () -> 1_795_003_600_123L)) {
            shelf.borrow(3, ANN);
            shelf.borrow(4, ANN);
            shelf.giveBack(4, ANN);
        }
        try (Shelf shelf = Shelf.open(path, () -> 0)) {
            assertThat(shelf.books()).hasSize(12);
            Book lent = shelf.books().get(2);
            assertThat(lent.id()).isEqualTo(3);
            assertThat(lent.loan()).isEqualTo(new Book.Loan(ANN, 1_795_003_600_123L));
            assertThat(lent.version()).isEqualTo(1);
            Book returned = shelf.books().get(3);
            assertThat(returned.loan()).isNull();
            assertThat(returned.version()).isEqualTo(2);
        }
    }

    @Test
    void aBookThatIsNotLentChangesNothing() throws Exception {
        try (Shelf shelf = Shelf.open(Shelf.IN_MEMORY, () -> 1)) {
            Book lent = shelf.borrow(3, ANN);
            assertThatThrownBy(() -> shelf.borrow(3, new Reader("Bob", true)))
                    .hasMessageContaining("is borrowed by Ann");
            assertThatThrownBy(() -> shelf.giveBack(3, new Reader("Ann", false)))
                    .hasMessageContaining("for Ann to return");
            assertThat(shelf.books().get(2)).isEqualTo(lent);
        }
    }

    @Test
    void doesNotOpenWhatIsNoDatabase() {
        assertThatThrownBy(() -> Shelf.open(directory.toString(), () -> 1))
                .isInstanceOf(SQLException.class);
    }
}
