package io.securememcached.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import org.junit.jupiter.api.Test;

/** The dashboard is built from monitoring/dashboard, which needs Go; its pictures need Node.js. */
class DashboardIT {

  @Test
  void dashboardIsTheBuiltOne() throws Exception {
    Guarded.assertUpToDate(Monitoring.DASHBOARD, Monitoring.output("dashboard"));
  }

  /** No picture is drawn of a dashboard with a query that has no answer. */
  @Test
  void pictureIsRefusedWithoutData() throws Exception {
    Monitoring.Result result = Monitoring.picture("test");
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("a panel without data is refused", "# fail 0", "# skipped 0")
        .doesNotContain("# pass 0");
  }
}
