package io.anabranch.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogBudgetTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final LogBudget budget = new LogBudget(2, 100, now::get);

    @Test
    void leavesOutWhatIsTooMuchAndSaysHowMuchItWas() {
        assertThat(budget.ask("a")).isZero();
        assertThat(budget.ask("a")).isZero();
        assertThat(budget.ask("a")).isEqualTo(LogBudget.NO_LINE);
        assertThat(budget.ask("a")).isEqualTo(LogBudget.NO_LINE);
        assertThat(budget.ask("b")).isZero();

        now.addAndGet(100);
        assertThat(budget.ask("a")).isEqualTo(2);
        assertThat(budget.ask("a")).isZero();
        assertThat(budget.ask("a")).isEqualTo(LogBudget.NO_LINE);
    }
}
