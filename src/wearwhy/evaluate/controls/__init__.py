"""What a data scientist would reach for first: classifiers on the same columns and split."""
