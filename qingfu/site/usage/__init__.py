"""The program's own cost: measured by the clock, summed by school and role, charged to its limits every week."""
