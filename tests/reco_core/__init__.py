"""What the recommendation core promises."""
