package io.securememcached.operator.monitoring;

import io.securememcached.operator.Guarded;
import org.junit.jupiter.api.Test;

/** The dashboard is built from monitoring/dashboard. Needs Go. */
class DashboardIT {

  @Test
  void dashboardIsTheBuiltOne() throws Exception {
    Guarded.assertUpToDate(Monitoring.DASHBOARD, Monitoring.output("dashboard"));
  }
}
