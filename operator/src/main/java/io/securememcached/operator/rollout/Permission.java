package io.securememcached.operator.rollout;

import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.api.v1beta1.UpdatePolicy;
import io.securememcached.operator.api.v1beta1.UpdateTime;
import io.securememcached.operator.api.v1beta1.UpdateWindow;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * Whether servers may restart now.
 *
 * @param approved whether somebody has approved what they get
 */
public record Permission(UpdatePolicy policy, boolean approved, Instant now) {

  /** The answer. */
  public enum Answer {
    YES,
    /** When somebody has approved it. */
    AFTER_APPROVAL,
    /** When a window opens. */
    IN_A_WINDOW
  }

  /** Whether a server may restart for an update of this origin. */
  public Answer toUpdate(UpdateOrigin origin) {
    UpdateTime time =
        switch (origin) {
          case Request -> UpdateTime.Immediately;
          case Spec -> policy.specChanges();
          case Operator -> policy.operatorChanges();
        };
    return switch (time) {
      case Immediately -> Answer.YES;
      case InWindow -> inWindow();
      case OnApproval ->
          !approved ? Answer.AFTER_APPROVAL : policy.windows().isEmpty() ? Answer.YES : inWindow();
    };
  }

  private Answer inWindow() {
    return opening().filter(window -> window.contains(now)).isPresent()
        ? Answer.YES
        : Answer.IN_A_WINDOW;
  }

  /** The window that is open, or opens next; none if no window ever opens. */
  public Optional<UpdateWindow.Opening> opening() {
    return policy.windows().stream()
        .flatMap(window -> window.next(now).stream())
        .min(Comparator.comparing(UpdateWindow.Opening::start));
  }
}
