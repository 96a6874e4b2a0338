"""What this room reads: reports under review, and reports that it puts together."""
