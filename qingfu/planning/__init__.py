"""Plans that anybody can replay: pure functions from input, rules and seed to a result and its certificate."""
