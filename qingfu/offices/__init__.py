"""基层减负: what offices ask of those below, against their allowances. See docs/offices.md."""
