"""One conversation: state as events, slot inheritance, the turn arbiter."""
